using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Wire.Values;

/// <summary>A decimal number in parts: between PostgreSQL's text, its base-10000 binary form and plain digits, without arithmetic.</summary>
internal readonly ref struct Numeric
{
    private const int ScaleMax = 16383;
    private const int IntegerDigitsMax = 131072;
    private const ushort NegativeSign = 0x4000;
    private const ushort NaNSign = 0xC000;
    private const ushort InfinitySign = 0xD000;
    private const ushort MinusInfinitySign = 0xF000;

    private readonly ReadOnlySpan<byte> _integer;
    private readonly ReadOnlySpan<byte> _fraction;
    private readonly int _padding;
    private readonly ushort _sign;

    private Numeric(ushort sign, ReadOnlySpan<byte> integer, ReadOnlySpan<byte> fraction, int scaleMin)
    {
        _sign = sign;
        _integer = integer.TrimStart((byte)'0');
        _fraction = fraction;
        _padding = Math.Max(0, scaleMin - fraction.Length);
    }

    /// <summary>The number of digits after the point, shown zeros included.</summary>
    public int Scale => _fraction.Length + _padding;

    private bool IsSpecial => _sign is NaNSign or InfinitySign or MinusInfinitySign;

    private bool IsZero => _integer.IsEmpty && _fraction.IndexOfAnyExcept((byte)'0') < 0;

    public int SignificantDigits
    {
        get
        {
            var fraction = _fraction.TrimEnd((byte)'0');
            return _integer.IsEmpty ? fraction.TrimStart((byte)'0').Length : _integer.Length + fraction.Length;
        }
    }

    /// <summary>Parses text from a client or the database; white space around it is allowed.</summary>
    /// <param name="scaleMin">Zeros are added up to this scale, as a column's modifier asks for.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, int scaleMin, out Numeric number)
    {
        text = text.Trim(" \t\n\r\f\v"u8);
        number = default;
        var sign = (ushort)0;
        var rest = text;
        if (!rest.IsEmpty && rest[0] is (byte)'-' or (byte)'+')
        {
            sign = rest[0] == '-' ? NegativeSign : (ushort)0;
            rest = rest[1..];
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        if (char.IsAsciiLetter((char)rest[0]))
        {
            var special = Ascii.EqualsIgnoreCase(rest, "nan"u8) && rest.Length == text.Length ? NaNSign
                : Ascii.EqualsIgnoreCase(rest, "infinity"u8) || Ascii.EqualsIgnoreCase(rest, "inf"u8)
                    ? (sign == 0 ? InfinitySign : MinusInfinitySign) : (ushort)0;
            number = new Numeric(special, default, default, 0);
            return special != 0;
        }

        var end = rest.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = end < 0 ? rest : rest[..end];
        var point = mantissa.IndexOf((byte)'.');
        var integer = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? default : mantissa[(point + 1)..];
        if (integer.Length + fraction.Length == 0 || integer.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0
            || fraction.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        if (end >= 0)
        {
            return TryShift(rest[(end + 1)..], sign, integer, fraction, scaleMin, out number);
        }

        number = new Numeric(sign, integer, fraction, scaleMin);
        return number.InRange;
    }

    /// <summary>The digits of a floating point number as SQLite and PostgreSQL show them.</summary>
    public static bool TryFromDouble(double value, Span<byte> buffer, int scaleMin, out Numeric number)
    {
        var length = FloatText.Write(buffer, value, extraDigits: 1);
        return TryParse(buffer[..length], scaleMin, out number);
    }

    /// <summary>Reads PostgreSQL's binary form as text.</summary>
    public static bool TryReadBinary(ReadOnlySpan<byte> data, ArrayBufferWriter<byte> text)
    {
        if (data.Length < 8)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(data);
        var weight = BinaryPrimitives.ReadInt16BigEndian(data[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        int scale = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        if (sign is NaNSign or InfinitySign or MinusInfinitySign)
        {
            text.Write(sign == NaNSign ? "NaN"u8 : sign == InfinitySign ? "Infinity"u8 : "-Infinity"u8);
            return data.Length == 8 && count == 0;
        }

        if (sign is not (0 or NegativeSign) || data.Length != 8 + (2 * count) || scale > ScaleMax)
        {
            return false;
        }

        var groupsBefore = Math.Max(weight + 1, 1);
        var groupsBehind = (scale + 3) / 4;
        var digits = new byte[4 * (groupsBefore + groupsBehind)];
        digits.AsSpan().Fill((byte)'0');
        for (var i = 0; i < count; i++)
        {
            int group = BinaryPrimitives.ReadUInt16BigEndian(data[(8 + (2 * i))..]);
            var place = weight >= 0 ? i : i - weight;
            if (group > 9999)
            {
                return false;
            }

            // Digits beyond the shown scale are cut off, as PostgreSQL does when it receives such a number.
            if (place < groupsBefore + groupsBehind)
            {
                _ = group.TryFormat(digits.AsSpan(4 * place, 4), out _, "0000", CultureInfo.InvariantCulture);
            }
        }

        var number = new Numeric(sign, digits.AsSpan(0, 4 * groupsBefore), digits.AsSpan(4 * groupsBefore, scale), 0);
        text.Advance(number.WriteText(text.GetSpan(number.TextLength)));
        return true;
    }

    public int TextLength => IsSpecial ? (_sign == NaNSign ? 3 : _sign == InfinitySign ? 8 : 9)
        : (ShowsMinus ? 1 : 0) + Math.Max(1, _integer.Length) + (Scale > 0 ? 1 + Scale : 0);

    public int WriteText(Span<byte> target)
    {
        if (IsSpecial)
        {
            var name = _sign == NaNSign ? "NaN"u8 : _sign == InfinitySign ? "Infinity"u8 : "-Infinity"u8;
            name.CopyTo(target);
            return name.Length;
        }

        var at = 0;
        if (ShowsMinus)
        {
            target[at++] = (byte)'-';
        }

        if (_integer.IsEmpty)
        {
            target[at++] = (byte)'0';
        }

        _integer.CopyTo(target[at..]);
        at += _integer.Length;
        if (Scale > 0)
        {
            target[at++] = (byte)'.';
            _fraction.CopyTo(target[at..]);
            target.Slice(at + _fraction.Length, _padding).Fill((byte)'0');
            at += Scale;
        }

        return at;
    }

    public int BinaryLength => 8 + (2 * Groups().Count);

    public void WriteBinary(Span<byte> target)
    {
        var (first, count) = Groups();
        var groupsBefore = (_integer.Length + 3) / 4;
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)count);
        BinaryPrimitives.WriteInt16BigEndian(target[2..], (short)(count == 0 ? 0 : groupsBefore - 1 - first));
        BinaryPrimitives.WriteUInt16BigEndian(target[4..], IsSpecial || ShowsMinus ? _sign : (ushort)0);

        // An infinity carries this scale so that servers before version 14 refuse it.
        BinaryPrimitives.WriteUInt16BigEndian(target[6..], _sign is InfinitySign or MinusInfinitySign ? (ushort)32 : (ushort)Scale);
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(target[(8 + (2 * i))..], (ushort)Group(first + i, groupsBefore));
        }
    }

    private bool ShowsMinus => _sign == NegativeSign && !IsZero;

    private bool InRange => _integer.Length <= IntegerDigitsMax && Scale <= ScaleMax;

    /// <summary>The first group that is not zero, and the number of groups from it to the last one that is not zero.</summary>
    private (int First, int Count) Groups()
    {
        var before = (_integer.Length + 3) / 4;
        var total = before + ((_fraction.Length + 3) / 4);
        var first = 0;
        while (first < total && Group(first, before) == 0)
        {
            first++;
        }

        while (total > first && Group(total - 1, before) == 0)
        {
            total--;
        }

        return (first, total - first);
    }

    private int Group(int index, int before)
    {
        var value = 0;
        if (index < before)
        {
            var end = _integer.Length - (4 * (before - 1 - index));
            for (var i = Math.Max(0, end - 4); i < end; i++)
            {
                value = (value * 10) + (_integer[i] - '0');
            }

            return value;
        }

        var start = 4 * (index - before);
        for (var i = start; i < start + 4; i++)
        {
            value = (value * 10) + (i < _fraction.Length ? _fraction[i] - '0' : 0);
        }

        return value;
    }

    private static bool TryShift(
        ReadOnlySpan<byte> exponentText, ushort sign, ReadOnlySpan<byte> integer, ReadOnlySpan<byte> fraction, int scaleMin, out Numeric number)
    {
        number = default;
        if (!int.TryParse(exponentText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || Math.Abs((long)exponent) > IntegerDigitsMax)
        {
            return false;
        }

        var all = new byte[integer.Length + fraction.Length + Math.Abs(exponent)];
        all.AsSpan().Fill((byte)'0');
        var at = exponent < 0 ? -exponent : 0;
        integer.CopyTo(all.AsSpan(at));
        fraction.CopyTo(all.AsSpan(at + integer.Length));
        var point = at + integer.Length + exponent;
        var scale = Math.Max(0, fraction.Length - exponent);
        number = new Numeric(sign, all.AsSpan(0, point), all.AsSpan(point, Math.Min(scale, all.Length - point)), scaleMin);
        return number.InRange;
    }
}
