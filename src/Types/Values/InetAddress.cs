using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Rqlite.Pg.Types.Values;

/// <summary>A value of inet or cidr: an address of 4 or 16 bytes and the bits of its network.</summary>
public sealed class InetAddress
{
    private readonly byte[] _bytes;

    public InetAddress(ReadOnlySpan<byte> bytes, int prefix)
    {
        _bytes = bytes.ToArray();
        Prefix = prefix;
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public int Prefix { get; }

    public bool IsVersion6 => _bytes.Length == 16;

    public static InetAddress Parse(ReadOnlySpan<byte> text, bool cidr)
    {
        var type = cidr ? "cidr" : "inet";
        var address = (text.Contains((byte)':') ? ParseVersion6(text) : cidr ? ParseNetwork4(text) : ParseVersion4(text))
            ?? throw TypeErrors.Syntax(type, text);
        return cidr && !address.IsNetwork
            ? throw new TypeException(
                SqlState.InvalidTextRepresentation, $"invalid cidr value: \"{Strings.Decode(text)}\"", "Value has bits set to right of mask.")
            : address;
    }

    /// <summary>True if no bit is set right of the prefix.</summary>
    public bool IsNetwork
    {
        get
        {
            for (var bit = Prefix; bit < _bytes.Length * 8; bit++)
            {
                if ((_bytes[bit / 8] & (0x80 >> (bit % 8))) != 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>Orders by version, then by the common bits of the networks, their sizes, and the whole addresses.</summary>
    public int CompareTo(InetAddress other)
    {
        if (_bytes.Length != other._bytes.Length)
        {
            return _bytes.Length.CompareTo(other._bytes.Length);
        }

        var bits = Math.Min(Prefix, other.Prefix);
        for (var i = 0; i < bits; i++)
        {
            var (a, b) = (_bytes[i / 8] & (0x80 >> (i % 8)), other._bytes[i / 8] & (0x80 >> (i % 8)));
            if (a != b)
            {
                return a.CompareTo(b);
            }
        }

        return Prefix != other.Prefix ? Prefix.CompareTo(other.Prefix) : Math.Sign(Bytes.SequenceCompareTo(other.Bytes));
    }

    public string ToString(bool cidr)
    {
        var address = IsVersion6 ? Version6() : string.Join('.', _bytes);
        return cidr || Prefix != _bytes.Length * 8 ? string.Create(CultureInfo.InvariantCulture, $"{address}/{Prefix}") : address;
    }

    public override string ToString() => ToString(cidr: false);

    private string Version6()
    {
        var words = new int[8];
        for (var i = 0; i < 8; i++)
        {
            words[i] = (_bytes[2 * i] << 8) | _bytes[(2 * i) + 1];
        }

        // The longest run of zeros, the first of several, is left out.
        var (start, length) = (-1, 1);
        for (var i = 0; i < 8; i++)
        {
            var end = i;
            while (end < 8 && words[end] == 0)
            {
                end++;
            }

            if (end - i > length)
            {
                (start, length) = (i, end - i);
            }

            i = Math.Max(i, end);
        }

        var mapped = start == 0 && (length == 6 || (length == 7 && words[7] != 1) || (length == 5 && words[5] == 0xffff));
        var text = "";
        for (var i = 0; i < 8; i++)
        {
            if (start >= 0 && i >= start && i < start + length)
            {
                text += i == start ? ":" : "";
                continue;
            }

            text += i > 0 ? ":" : "";
            if (i == 6 && mapped)
            {
                return text + string.Join('.', _bytes[12..]);
            }

            text += words[i].ToString("x", CultureInfo.InvariantCulture);
        }

        return start >= 0 && start + length == 8 ? text + ":" : text;
    }

    private static InetAddress? ParseVersion6(ReadOnlySpan<byte> text)
    {
        var slash = text.IndexOf((byte)'/');
        var prefix = 128;
        if (slash >= 0 && (text[(slash + 1)..] is [(byte)'0', _, ..] || !TryPrefix(text[(slash + 1)..], 128, out prefix)))
        {
            return null;
        }

        // .NET takes scopes, brackets and ports, which are no part of an address here.
        var address = Strings.Decode(slash < 0 ? text : text[..slash]);
        return address.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && IPAddress.TryParse(address, out var parsed)
            && parsed.AddressFamily == AddressFamily.InterNetworkV6
                ? new InetAddress(parsed.GetAddressBytes(), prefix)
                : null;
    }

    private static InetAddress? ParseVersion4(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (!TryOctets(text, bytes, out var count, out var rest))
        {
            return null;
        }

        var prefix = 32;
        if (rest.IsEmpty)
        {
            return count == 4 ? new InetAddress(bytes, 32) : null;
        }

        // Octets may be left out only as far as the network does not reach them.
        return TryPrefix(rest[1..], 32, out prefix) && (prefix + 7) / 8 <= count ? new InetAddress(bytes, prefix) : null;
    }

    private static InetAddress? ParseNetwork4(ReadOnlySpan<byte> text)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (!TryOctets(text, bytes, out var count, out var rest))
        {
            return null;
        }

        if (!rest.IsEmpty)
        {
            return TryPrefix(rest[1..], 32, out var given) ? new InetAddress(bytes, given) : null;
        }

        // Without a prefix the old classes of networks count.
        var prefix = bytes[0] >= 240 ? 32 : bytes[0] >= 224 ? 8 : bytes[0] >= 192 ? 24 : bytes[0] >= 128 ? 16 : 8;
        prefix = Math.Max(prefix, count * 8);
        return new InetAddress(bytes, prefix == 8 && bytes[0] == 224 ? 4 : prefix);
    }

    private static bool TryOctets(ReadOnlySpan<byte> text, Span<byte> bytes, out int count, out ReadOnlySpan<byte> rest)
    {
        bytes.Clear();
        count = 0;
        rest = text;
        while (count < 4)
        {
            var digits = 0;
            var value = 0;
            while (digits < rest.Length && AsciiText.IsDigit(rest[digits]))
            {
                value = (value * 10) + rest[digits++] - '0';
                if (value > 255)
                {
                    return false;
                }
            }

            if (digits == 0)
            {
                return false;
            }

            bytes[count++] = (byte)value;
            rest = rest[digits..];
            if (rest.IsEmpty || rest[0] == '/')
            {
                return true;
            }

            if (rest[0] != '.')
            {
                return false;
            }

            rest = rest[1..];
        }

        return false;
    }

    private static bool TryPrefix(ReadOnlySpan<byte> text, int max, out int prefix)
    {
        prefix = 0;
        if (text.IsEmpty || text.Length > 3)
        {
            return false;
        }

        foreach (var digit in text)
        {
            if (!AsciiText.IsDigit(digit))
            {
                return false;
            }

            prefix = (prefix * 10) + digit - '0';
        }

        return prefix <= max;
    }
}
