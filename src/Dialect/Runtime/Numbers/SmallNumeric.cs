using System.Buffers.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Runtime.Numbers;

/// <summary>Numerics of at most 18 digits as integers with a scale: nearly all that occur, and no memory is taken for them.</summary>
internal static class SmallNumeric
{
    private const int DigitsMax = 18;
    private const int LengthMax = 48;

    /// <summary>Powers of ten that a long can hold.</summary>
    public static ReadOnlySpan<long> Powers =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000, 1_000_000_000_000,
        10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
    ];

    /// <summary>Reads a plain number; false for one that is longer or written otherwise.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long digits, out int scale)
    {
        digits = 0;
        scale = 0;
        var at = text.Length > 0 && text[0] == '-' ? 1 : 0;
        var length = text.Length - at;
        if (length is 0 or > DigitsMax + 1)
        {
            return false;
        }

        var point = -1;
        for (var i = at; i < text.Length; i++)
        {
            var digit = (uint)text[i] - '0';
            if (digit <= 9)
            {
                digits = (digits * 10) + digit;
            }
            else if (text[i] == '.' && point < 0)
            {
                point = i;
            }
            else
            {
                return false;
            }
        }

        if ((point < 0 && length > DigitsMax) || (point >= 0 && length == 1))
        {
            return false;
        }

        scale = point < 0 ? 0 : text.Length - point - 1;
        digits = at == 1 ? -digits : digits;
        return true;
    }

    /// <summary>Brings two numbers to the larger of their scales; false if one becomes too large.</summary>
    public static bool TryAlign(ref long left, int leftScale, ref long right, int rightScale)
    {
        if (leftScale < rightScale)
        {
            return TryScale(ref left, rightScale - leftScale);
        }

        return leftScale == rightScale || TryScale(ref right, leftScale - rightScale);
    }

    public static void Return(in FunctionCall call, long digits, int scale)
    {
        Span<byte> text = stackalloc byte[LengthMax];
        call.ReturnText(text[..Write(text, digits, scale)]);
    }

    /// <summary>Writes the number with all digits of its scale.</summary>
    /// <returns>The bytes written.</returns>
    public static int Write(Span<byte> text, long digits, int scale)
    {
        Span<byte> raw = stackalloc byte[20];
        _ = Utf8Formatter.TryFormat(digits < 0 ? 0 - (ulong)digits : (ulong)digits, raw, out var count);
        var at = 0;
        if (digits < 0)
        {
            text[at++] = (byte)'-';
        }

        if (scale == 0)
        {
            raw[..count].CopyTo(text[at..]);
            return at + count;
        }

        var whole = count - scale;
        if (whole <= 0)
        {
            text[at++] = (byte)'0';
            text[at++] = (byte)'.';
            text.Slice(at, -whole).Fill((byte)'0');
            at -= whole;
            raw[..count].CopyTo(text[at..]);
            return at + count;
        }

        raw[..whole].CopyTo(text[at..]);
        at += whole;
        text[at++] = (byte)'.';
        raw[whole..count].CopyTo(text[at..]);
        return at + scale;
    }

    private static bool TryScale(ref long value, int by)
    {
        if (by >= Powers.Length)
        {
            return false;
        }

        var high = Math.BigMul(value, Powers[by], out var low);
        value = low;
        return high == low >> 63;
    }
}
