using System.Buffers;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

/// <summary>Answers the recorded questions with this project's code.</summary>
internal static partial class OracleAnswers
{
    public static string Answer(OracleRow row)
    {
        try
        {
            return Compute(row) is { } text ? "=" + text : "N";
        }
        catch (TypeException e)
        {
            return $"!{e.SqlState}|{e.Message}|{e.Detail}|{e.Hint}";
        }
        catch (Exception e)
        {
            return "?" + e.GetType().Name + " " + e.Message + e.StackTrace?.Split('\n')[0];
        }
    }

    private static string? Compute(OracleRow row)
    {
        var space = row.Operation.IndexOf(' ', StringComparison.Ordinal);
        var first = space < 0 ? row.Operation : row.Operation[..space];
        return first switch
        {
            "parse" => Parse(row.Operation[(space + 1)..], row),
            "send" => Send(row.Operation[(space + 1)..], row),
            "compare" => Compare(row.Operation[(space + 1)..], row),
            "cast" => Cast(row.Operation[(space + 1)..], row),
            "assign" => Assign(row.Operation[(space + 1)..], row),
            "format_type" => TypeFormat.Name(uint.Parse(row.Arguments[0]), int.Parse(row.Arguments[1])),
            "numeric" => NumericAnswer(row.Operation[(space + 1)..], row),
            _ => Numbers(row) ?? Times(row, out var known) ?? (known ? null : throw new InvalidOperationException(row.Operation)),
        };
    }

    private static string Text(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Hex(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Convert.ToHexStringLower(output.WrittenSpan);
    }

    private static string Show(double value, FormatSettings? settings = null)
    {
        var buffer = new byte[FloatText.LengthMax];
        return Encoding.ASCII.GetString(buffer, 0, FloatText.Write(buffer, value, (settings ?? FormatSettings.Default).ExtraFloatDigits));
    }

    private static string Show(float value, FormatSettings? settings = null)
    {
        var buffer = new byte[FloatText.LengthMax];
        return Encoding.ASCII.GetString(buffer, 0, FloatText.Write(buffer, value, (settings ?? FormatSettings.Default).ExtraFloatDigits));
    }

    private static string Show(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static Numeric Number(OracleRow row, int index) => Numeric.Parse(row.Bytes(index));

    private static int Int(OracleRow row, int index) => Integers.ParseInt4(row.Bytes(index));

    private static string NumericAnswer(string operation, OracleRow row)
    {
        var left = Number(row, 0);
        return operation switch
        {
            "add" => (left + Number(row, 1)).ToString(),
            "sub" => (left - Number(row, 1)).ToString(),
            "mul" => (left * Number(row, 1)).ToString(),
            "div" => (left / Number(row, 1)).ToString(),
            "mod" => (left % Number(row, 1)).ToString(),
            "pow" => Numeric.Power(left, Number(row, 1)).ToString(),
            "div2" => Numeric.DivideWhole(left, Number(row, 1)).ToString(),
            "gcd2" => Numeric.GreatestCommonDivisor(left, Number(row, 1)).ToString(),
            "lcm2" => Numeric.LeastCommonMultiple(left, Number(row, 1)).ToString(),
            "log2" => Numeric.Log(left, Number(row, 1)).ToString(),
            "sqrt" => left.Sqrt().ToString(),
            "exp" => left.Exp().ToString(),
            "ln" => left.Ln().ToString(),
            "log" => left.Log10().ToString(),
            "ceil" => left.Ceiling().ToString(),
            "floor" => left.Floor().ToString(),
            "abs" => left.Abs().ToString(),
            "neg" => (-left).ToString(),
            "sign" => left.SignOf().ToString(),
            "trim_scale" => left.TrimScale().ToString(),
            "min_scale" => left.IsFinite ? Show(left.MinScale) : null!,
            "scale" => left.IsFinite ? Show(left.Scale) : null!,
            "round" => left.Round(Int(row, 1)).ToString(),
            "trunc" => left.Truncate(Int(row, 1)).ToString(),
            "modifier" => left.ApplyModifier(Modifiers.ForNumeric(Int(row, 1), Int(row, 2))).ToString(),
            "to int2" => Show(left.ToInt2()),
            "to int4" => Show(left.ToInt4()),
            "to int8" => Show(left.ToInt8()),
            "to float4" => Show(left.ToFloat4()),
            "to float8" => Show(left.ToFloat8()),
            _ => throw new InvalidOperationException(operation),
        };
    }

    private static string? Numbers(OracleRow row)
    {
        switch (row.Operation)
        {
            case "float8 to float4":
                return Show(Floats.ToFloat4(Floats.ParseFloat8(row.Bytes(0))));
            case "float4 to float8":
                return Show((double)Floats.ParseFloat4(row.Bytes(0)));
            case "float8 to numeric":
                return Numeric.FromFloat8(Floats.ParseFloat8(row.Bytes(0))).ToString();
            case "float4 to numeric":
                return Numeric.FromFloat4(Floats.ParseFloat4(row.Bytes(0))).ToString();
            case "float8 to int2":
                return Show(Floats.ToInt2(Floats.ParseFloat8(row.Bytes(0))));
            case "float8 to int4":
                return Show(Floats.ToInt4(Floats.ParseFloat8(row.Bytes(0))));
            case "float8 to int8":
                return Show(Floats.ToInt8(Floats.ParseFloat8(row.Bytes(0))));
        }

        var words = row.Operation.Split(' ');
        if (words is ["int8", "to", _])
        {
            var value = Integers.ParseInt8(row.Bytes(0));
            return words[2] switch
            {
                "int2" => Show(Integers.ToInt2(value)),
                "int4" => Show(Integers.ToInt4(value)),
                "numeric" => Numeric.FromInt64(value).ToString(),
                _ => Show(value),
            };
        }

        if (words is ["int2" or "int4", "to", "numeric"])
        {
            return Numeric.FromInt64(Integers.ParseInt8(row.Bytes(0))).ToString();
        }

        if (words is ["int2" or "int4" or "int8", "add" or "sub" or "mul" or "div" or "mod"])
        {
            var (left, right) = (Integers.ParseInt8(row.Bytes(0)), Integers.ParseInt8(row.Bytes(1)));
            var result = words[1] switch
            {
                "add" => Integers.Add(left, right),
                "sub" => Integers.Subtract(left, right),
                "mul" => Integers.Multiply(left, right),
                "div" => Integers.Divide(left, right),
                _ => Integers.Modulo(left, right),
            };
            return words[0] switch { "int2" => Show(Integers.ToInt2(result)), "int4" => Show(Integers.ToInt4(result)), _ => Show(result) };
        }

        if (words is ["float8", "add" or "sub" or "mul" or "div"])
        {
            var (left, right) = (Floats.ParseFloat8(row.Bytes(0)), Floats.ParseFloat8(row.Bytes(1)));
            return Show(words[1] switch
            {
                "add" => Floats.Add(left, right),
                "sub" => Floats.Subtract(left, right),
                "mul" => Floats.Multiply(left, right),
                _ => Floats.Divide(left, right),
            });
        }

        if (words is ["float4", "add" or "sub" or "mul" or "div"])
        {
            var (left, right) = (Floats.ParseFloat4(row.Bytes(0)), Floats.ParseFloat4(row.Bytes(1)));
            return Show(words[1] switch
            {
                "add" => Floats.Add(left, right),
                "sub" => Floats.Subtract(left, right),
                "mul" => Floats.Multiply(left, right),
                _ => Floats.Divide(left, right),
            });
        }

        return null;
    }
}
