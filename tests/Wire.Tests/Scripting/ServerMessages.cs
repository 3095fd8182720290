using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>One frame of a server, as it came.</summary>
internal sealed record ServerFrame(char Code, byte[] Body)
{
    /// <summary>The fields of an error or a notice.</summary>
    public string? Field(char field)
    {
        var rest = Body.AsSpan();
        while (rest.Length > 1)
        {
            var end = rest.IndexOf((byte)0);
            if ((char)rest[0] == field)
            {
                return Encoding.UTF8.GetString(rest[1..end]);
            }

            rest = rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>A line that says all that two servers must agree on.</summary>
    public override string ToString() => Code switch
    {
        'E' or 'N' => ErrorText(),
        'T' => "T " + string.Join(", ", Columns()),
        'D' => "D " + string.Join("|", Values()),
        'C' => "C " + Encoding.UTF8.GetString(Body.AsSpan(0, Body.Length - 1)),
        'Z' => "Z " + (char)Body[0],
        'S' => StatusText(),
        'd' => "d " + CopiedText(),
        't' => "t " + string.Join(",", Enumerable.Range(0, (Body.Length - 2) / 4).Select(i =>
            BinaryPrimitives.ReadUInt32BigEndian(Body.AsSpan(2 + (4 * i))).ToString(CultureInfo.InvariantCulture))),
        'K' => "K",
        'A' => "A " + Encoding.UTF8.GetString(Body.AsSpan(4)).Replace('\0', '|'),
        'R' => "R " + BinaryPrimitives.ReadInt32BigEndian(Body).ToString(CultureInfo.InvariantCulture),
        'v' => "v " + Convert.ToHexString(Body.AsSpan(0, 8)) + " " + Encoding.UTF8.GetString(Body.AsSpan(8)).Replace('\0', ' ').Trim(),
        _ when Body.Length == 0 => Code.ToString(),
        _ => Code + " " + Convert.ToHexString(Body),
    };

    public IEnumerable<byte[]?> RawValues()
    {
        var count = BinaryPrimitives.ReadUInt16BigEndian(Body);
        var at = 2;
        for (var i = 0; i < count; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(at));
            at += 4;
            yield return length < 0 ? null : Body.AsSpan(at, length).ToArray();
            at += Math.Max(length, 0);
        }
    }

    private IEnumerable<string> Values() => RawValues().Select(v =>
        v is null ? "NULL"
        : v.Any(b => b < 0x20) ? "\\x" + Convert.ToHexString(v)
        : Encoding.UTF8.GetString(v));

    private IEnumerable<string> Columns()
    {
        var count = BinaryPrimitives.ReadUInt16BigEndian(Body);
        var at = 2;
        for (var i = 0; i < count; i++)
        {
            var end = Array.IndexOf(Body, (byte)0, at);
            var name = Encoding.UTF8.GetString(Body, at, end - at);
            var type = BinaryPrimitives.ReadUInt32BigEndian(Body.AsSpan(end + 7));
            var length = BinaryPrimitives.ReadInt16BigEndian(Body.AsSpan(end + 11));
            var modifier = BinaryPrimitives.ReadInt32BigEndian(Body.AsSpan(end + 13));
            var format = BinaryPrimitives.ReadInt16BigEndian(Body.AsSpan(end + 17));
            at = end + 19;
            yield return string.Create(CultureInfo.InvariantCulture, $"{name}:{type}/{length}/{modifier}/{format}");
        }
    }

    private string ErrorText()
    {
        var text = new StringBuilder($"{Code} {Field('S')} {Field('C')} {Field('M')}");
        foreach (var (field, label) in new[] { ('t', "table"), ('c', "column"), ('n', "constraint") })
        {
            if (Field(field) is { } value)
            {
                text.Append(CultureInfo.InvariantCulture, $" {label}={value}");
            }
        }

        return text.ToString();
    }

    // Line ends and tabs are shown as their pictures, so that a backslash is one that was sent.
    private string CopiedText() => Utf8.IsValid(Body) && Body.All(b => b is >= 0x20 or (byte)'\n' or (byte)'\t')
        ? Encoding.UTF8.GetString(Body).Replace('\n', '␊').Replace('\t', '␉')
        : Convert.ToHexString(Body);

    private string StatusText()
    {
        var parts = Encoding.UTF8.GetString(Body).Split('\0');
        return $"S {parts[0]}={(parts[0] == "server_version" ? "…" : parts[1])}";
    }

    /// <summary>Cuts whole frames off the front of what has been received.</summary>
    public static IEnumerable<ServerFrame> Take(List<byte> received)
    {
        var at = 0;
        var bytes = received.ToArray();
        while (bytes.Length - at >= 5)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at + 1));
            if (bytes.Length - at < 1 + length)
            {
                break;
            }

            yield return new ServerFrame((char)bytes[at], bytes.AsSpan(at + 5, length - 4).ToArray());
            at += 1 + length;
        }

        received.RemoveRange(0, at);
    }
}
