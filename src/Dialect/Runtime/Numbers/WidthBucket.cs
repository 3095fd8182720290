using System.Numerics;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>width_bucket: the number of the histogram's bucket that a value falls into.</summary>
internal static class WidthBucket
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("width_bucket(double precision,double precision,double precision,integer)", OfFloats);
        registry.Call("width_bucket(numeric,numeric,numeric,integer)", OfNumerics);
        registry.Call("width_bucket(anycompatible,anycompatiblearray)", OfThresholds);
    }

    private static void OfFloats(in FunctionCall call)
    {
        var (operand, low, high) = (call.Float8(0), call.Float8(1), call.Float8(2));
        var count = call.Int32(3);
        RequireCount(count);
        if (double.IsNaN(operand) || double.IsNaN(low) || double.IsNaN(high))
        {
            throw Invalid("operand, lower bound, and upper bound cannot be NaN");
        }

        if (double.IsInfinity(low) || double.IsInfinity(high))
        {
            throw Invalid("lower and upper bounds must be finite");
        }

        if (low == high)
        {
            throw Invalid("lower bound cannot equal upper bound");
        }

        // Bounds in descending order count from the other side.
        var rising = low < high;
        if (rising ? operand < low : operand > low)
        {
            call.Return(0L);
        }
        else if (rising ? operand >= high : operand <= high)
        {
            call.Return(Integers.ToInt4(count + 1L));
        }
        else
        {
            var quotient = double.IsInfinity(high - low)
                ? ((operand / 2) - (low / 2)) / ((high / 2) - (low / 2))
                : (operand - low) / (high - low);
            call.Return(Math.Min((long)(count * quotient), count - 1) + 1);
        }
    }

    private static void OfNumerics(in FunctionCall call)
    {
        var (operand, low, high) = (call.Numeric(0), call.Numeric(1), call.Numeric(2));
        var count = call.Int32(3);
        RequireCount(count);
        if (operand.IsNaN || low.IsNaN || high.IsNaN)
        {
            throw Invalid("operand, lower bound, and upper bound cannot be NaN");
        }

        if (low.IsInfinity || high.IsInfinity)
        {
            throw Invalid("lower and upper bounds must be finite");
        }

        var order = Math.Sign(low.CompareTo(high));
        if (order == 0)
        {
            throw Invalid("lower bound cannot equal upper bound");
        }

        if (Math.Sign(operand.CompareTo(low)) == order)
        {
            call.Return(0L);
            return;
        }

        if (Math.Sign(operand.CompareTo(high)) != order)
        {
            call.Return(Integers.ToInt4(count + 1L));
            return;
        }

        var (part, whole) = (operand - low, high - low);
        var scale = Math.Max(part.Scale, whole.Scale);
        var bucket = BigInteger.Abs(part.Round(scale).Digits) * count / BigInteger.Abs(whole.Round(scale).Digits);
        call.Return((long)bucket + 1);
    }

    private static void OfThresholds(in FunctionCall call)
    {
        var type = call.Types()[0];
        var (dimensions, thresholds) = JsonElements.Read(call.Value(1), type.Oid, PgTypes.SqlNameOf(call.Types()[1].Oid));
        if (dimensions.Length > 1)
        {
            throw new TypeException(SqlState.ArrayElementError, "thresholds must be one-dimensional array");
        }

        if (thresholds.Any(t => t.Value.Class == StorageClass.Null))
        {
            throw new TypeException(SqlState.NullValueNotAllowed, "thresholds array must not contain NULLs");
        }

        var codec = Codec.For(type.Oid);
        var (first, end) = (0, thresholds.Count);
        while (first < end)
        {
            var middle = (first + end) / 2;
            if (codec.Compare(call.Value(0), thresholds[middle].Value, type) < 0)
            {
                end = middle;
            }
            else
            {
                first = middle + 1;
            }
        }

        call.Return((long)first);
    }

    private static void RequireCount(int count)
    {
        if (count <= 0)
        {
            throw Invalid("count must be greater than zero");
        }
    }

    private static TypeException Invalid(string message) => new(SqlState.InvalidArgumentForWidthBucketFunction, message);
}
