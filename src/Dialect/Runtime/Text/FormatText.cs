using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>format(): a text with specifiers <c>%[position][flags][width]type</c>, of the types s, I and L.</summary>
internal static class FormatText
{
    private const string Hint = "For a single \"%\" use \"%%\".";

    public static void Return(in FunctionCall call, bool hasArguments)
    {
        var format = call.Bytes(0);
        var arguments = hasArguments ? new VariadicTexts(call, 1) : default;
        var output = new ArrayBufferWriter<byte>(format.Length + 16);
        var (next, at) = (0, 0);
        while (format[at..].IndexOf((byte)'%') is >= 0 and var length)
        {
            output.Write(format.Slice(at, length));
            at += length;
            Advance(format, ref at);
            if (format[at] == '%')
            {
                output.Write("%"u8);
                at++;
                continue;
            }

            Specifier(format, ref at, arguments, ref next, output);
        }

        output.Write(format[at..]);
        Characters.RequireLength(output.WrittenCount);
        call.ReturnText(output.WrittenSpan);
    }

    private static void Specifier(
        ReadOnlySpan<byte> format, ref int at, in VariadicTexts arguments, ref int next, ArrayBufferWriter<byte> output)
    {
        var position = 0;
        var width = 0;
        var left = false;
        var widthFrom = -1;

        // A number is a position if a dollar follows, else a width.
        if (TryNumber(format, ref at, out var number))
        {
            if (format[at] != '$')
            {
                width = number;
            }
            else
            {
                Advance(format, ref at);
                position = number > 0 ? number : throw ZeroPosition();
            }
        }

        if (width == 0)
        {
            while (format[at] == '-')
            {
                left = true;
                Advance(format, ref at);
            }

            if (format[at] == '*')
            {
                Advance(format, ref at);
                widthFrom = 0;
                if (TryNumber(format, ref at, out var widthPosition))
                {
                    if (format[at] != '$')
                    {
                        throw new TypeException(SqlState.InvalidParameterValue, "width argument position must be ended by \"$\"");
                    }

                    Advance(format, ref at);
                    widthFrom = widthPosition > 0 ? widthPosition : throw ZeroPosition();
                }
            }
            else if (TryNumber(format, ref at, out number))
            {
                width = number;
            }
        }

        var kind = format[at];
        if (kind is not ((byte)'s' or (byte)'I' or (byte)'L'))
        {
            _ = Rune.DecodeFromUtf8(format[at..], out var rune, out _);
            throw new TypeException(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{rune}\"", hint: Hint);
        }

        at++;
        if (widthFrom >= 0)
        {
            if (widthFrom > 0)
            {
                next = widthFrom - 1;
            }

            width = arguments.Number(Require(arguments, next++)) ?? 0;
            if (width < 0)
            {
                left = true;
                width = width == int.MinValue ? throw new TypeException(SqlState.NumericValueOutOfRange, "number is out of range") : -width;
            }
        }

        // A position also says where the arguments without one go on.
        next = position > 0 ? position - 1 : next;
        Write(kind, arguments, Require(arguments, next++), width, left, output);
    }

    private static void Write(byte kind, in VariadicTexts arguments, int argument, int width, bool left, ArrayBufferWriter<byte> output)
    {
        var text = new ArrayBufferWriter<byte>();
        if (!arguments.TryGet(argument, out var value))
        {
            if (kind == 'I')
            {
                throw new TypeException(SqlState.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier");
            }

            text.Write(kind == 'L' ? "NULL"u8 : default);
        }
        else if (kind == 'I')
        {
            QuoteFunctions.WriteIdentifier(value, text);
        }
        else if (kind == 'L')
        {
            QuoteFunctions.WriteLiteral(value, text);
        }
        else
        {
            text.Write(value);
        }

        var missing = Math.Max(0, width - Strings.CountCharacters(text.WrittenSpan));
        Characters.RequireLength((long)output.WrittenCount + text.WrittenCount + missing);
        output.Write(left ? text.WrittenSpan : default);
        if (missing > 0)
        {
            output.GetSpan(missing)[..missing].Fill((byte)' ');
            output.Advance(missing);
        }

        output.Write(left ? default : text.WrittenSpan);
    }

    private static int Require(in VariadicTexts arguments, int index) => index < arguments.Count
        ? index
        : throw new TypeException(SqlState.InvalidParameterValue, "too few arguments for format()");

    private static bool TryNumber(ReadOnlySpan<byte> format, ref int at, out int number)
    {
        number = 0;
        var found = false;
        while (format[at] is >= (byte)'0' and <= (byte)'9')
        {
            var value = ((long)number * 10) + format[at] - '0';
            number = value <= int.MaxValue ? (int)value : throw new TypeException(SqlState.NumericValueOutOfRange, "number is out of range");
            found = true;
            Advance(format, ref at);
        }

        return found;
    }

    private static void Advance(ReadOnlySpan<byte> format, ref int at)
    {
        if (++at == format.Length)
        {
            throw Unterminated();
        }
    }

    private static TypeException Unterminated() =>
        new(SqlState.InvalidParameterValue, "unterminated format() type specifier", hint: Hint);

    private static TypeException ZeroPosition() =>
        new(SqlState.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
}
