using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>The comparison functions of btree operator classes, and the larger and the smaller of two values.</summary>
internal static class OrderFunctions
{
    private static readonly uint[] s_difference = [PgTypes.Bool, PgTypes.Int2, PgTypes.Char];

    private static readonly uint[] s_bytes = [PgTypes.Text, PgTypes.BpChar, PgTypes.Bytea, PgTypes.Name];

    public static void Register(FunctionRegistry registry)
    {
        foreach (var function in Builtins.Functions.Where(f => f is { Kind: 'f', ReturnsSet: false, Arguments.Count: 2 }))
        {
            if (!function.Arguments.All(t => SupportedTypes.Contains(t) || IsPolymorphic(t)))
            {
                continue;
            }

            if (function.Name.EndsWith("larger", StringComparison.Ordinal))
            {
                registry.Call(function.Signature, Choose(function, larger: true));
            }
            else if (function.Name.EndsWith("smaller", StringComparison.Ordinal))
            {
                registry.Call(function.Signature, Choose(function, larger: false));
            }
            else if (function.Name.EndsWith("cmp", StringComparison.Ordinal) && function.ReturnType == PgTypes.Int4)
            {
                registry.Call(function.Signature, Compare(function));
            }
        }
    }

    private static bool IsPolymorphic(uint type) => PgTypes.Find(type)?.Name is "anyarray" or "anyrange" or "anymultirange";

    private static FunctionBody Choose(PgFunction function, bool larger)
    {
        var sign = larger ? 1 : -1;
        if (IsPolymorphic(function.Arguments[0]))
        {
            return (in FunctionCall call) => call.ReturnArgument(Math.Sign(ByType(call)) == sign ? 0 : 1);
        }

        // Of two equal values the second one is the answer.
        var (codec, type) = (Codec.For(function.Arguments[0]), new PgType(function.Arguments[0]));
        return (in FunctionCall call) => call.ReturnArgument(Math.Sign(codec.Compare(call.Value(0), call.Value(1), type)) == sign ? 0 : 1);
    }

    private static FunctionBody Compare(PgFunction function)
    {
        var (left, right) = (function.Arguments[0], function.Arguments[1]);
        if (IsPolymorphic(left))
        {
            return (in FunctionCall call) => call.Return(Math.Sign(ByType(call)));
        }

        if (left == PgTypes.Char)
        {
            return (in FunctionCall call) => call.Return(FirstByte(call, 0) - FirstByte(call, 1));
        }

        if (left == right && s_difference.Contains(left))
        {
            return (in FunctionCall call) => call.Return(call.Integer(0) - call.Integer(1));
        }

        if (left == PgTypes.Name && right == PgTypes.Name)
        {
            return (in FunctionCall call) => call.Return(CompareTerminated(call.Bytes(0), call.Bytes(1)));
        }

        if (ByteDifference.Of(left) is { } difference)
        {
            return (in FunctionCall call) => call.Return(difference(call.Bytes(0), call.Bytes(1)));
        }

        if (s_bytes.Contains(left))
        {
            return (in FunctionCall call) => call.Return(CompareBytes(call.Bytes(0), call.Bytes(1)));
        }

        if (left is PgTypes.Float4 or PgTypes.Float8)
        {
            return (in FunctionCall call) => call.Return(Types.Values.Floats.Compare(Widened(call, 0, left), Widened(call, 1, right)));
        }

        // Of two integer types the wider one reads both.
        var type = left == PgTypes.Int8 || right == PgTypes.Int8 ? PgTypes.Int8 : left == PgTypes.Int4 || right == PgTypes.Int4 ? PgTypes.Int4 : left;
        var codec = Codec.For(type);
        return (in FunctionCall call) => call.Return(Math.Sign(codec.Compare(call.Value(0), call.Value(1), new PgType(type))));
    }

    private static int ByType(in FunctionCall call)
    {
        var type = call.Types()[0];
        return Codec.For(type.Oid).Compare(call.Value(0), call.Value(1), type);
    }

    private static int FirstByte(in FunctionCall call, int argument) => call.Bytes(argument) is { Length: > 0 } text ? text[0] : 0;

    private static double Widened(in FunctionCall call, int argument, uint type) =>
        type == PgTypes.Float4 ? call.Float4(argument) : call.Float8(argument);

    /// <summary>As strncmp has it: the end of a text counts as a byte of 0.</summary>
    private static int CompareTerminated(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var same = left.CommonPrefixLength(right);
        return (same < left.Length ? left[same] : 0) - (same < right.Length ? right[same] : 0);
    }

    /// <summary>As memcmp has it: the difference of the first bytes that differ.</summary>
    private static int CompareBytes(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var same = left.CommonPrefixLength(right);
        return same < left.Length && same < right.Length ? left[same] - right[same] : left.Length.CompareTo(right.Length);
    }
}
