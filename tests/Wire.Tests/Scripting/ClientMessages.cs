using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>Writes what a client sends; nothing is checked, so that tests can send nonsense.</summary>
internal sealed class ClientMessages
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    public ClientMessages Raw(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        return this;
    }

    public ClientMessages Startup(int version, params (string Name, string Value)[] parameters)
    {
        var body = new ArrayBufferWriter<byte>();
        Int32(body, version);
        foreach (var (name, value) in parameters)
        {
            Text(body, name);
            Text(body, value);
        }

        body.Write("\0"u8);
        return Packet(body.WrittenSpan);
    }

    /// <summary>A frame without a code: length and body.</summary>
    public ClientMessages Packet(ReadOnlySpan<byte> body)
    {
        Int32(_bytes, body.Length + 4);
        _bytes.Write(body);
        return this;
    }

    public ClientMessages CodePacket(int code)
    {
        var body = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(body, code);
        return Packet(body);
    }

    public ClientMessages Query(string sql) => Frame('Q', body => Text(body, sql));

    public ClientMessages Parse(string name, string sql, params uint[] types) => Frame('P', body =>
    {
        Text(body, name);
        Text(body, sql);
        Int16(body, types.Length);
        foreach (var type in types)
        {
            Int32(body, (int)type);
        }
    });

    public ClientMessages Bind(string portal, string statement, short[] formats, byte[]?[] values, params short[] resultFormats) =>
        Frame('B', body =>
        {
            Text(body, portal);
            Text(body, statement);
            Formats(body, formats);
            Int16(body, values.Length);
            foreach (var value in values)
            {
                Int32(body, value?.Length ?? -1);
                body.Write(value ?? []);
            }

            Formats(body, resultFormats);
        });

    public ClientMessages Bind(string portal, string statement, params string?[] values) =>
        Bind(portal, statement, [], [.. values.Select(v => v is null ? null : Encoding.UTF8.GetBytes(v))]);

    public ClientMessages Describe(char kind, string name) => Frame('D', body => Target(body, kind, name));

    public ClientMessages Close(char kind, string name) => Frame('C', body => Target(body, kind, name));

    public ClientMessages Execute(string portal = "", int max = 0) => Frame('E', body =>
    {
        Text(body, portal);
        Int32(body, max);
    });

    public ClientMessages Flush() => Frame('H', _ => { });

    public ClientMessages Sync() => Frame('S', _ => { });

    public ClientMessages Terminate() => Frame('X', _ => { });

    public ClientMessages Frame(char code, Action<ArrayBufferWriter<byte>> write)
    {
        var body = new ArrayBufferWriter<byte>();
        write(body);
        _bytes.Write([(byte)code]);
        return Packet(body.WrittenSpan);
    }

    /// <summary>Reads one line of a transcript.</summary>
    public ClientMessages Line(string line)
    {
        var (verb, rest) = Split(line);
        var parts = rest.Split('|').Select(part => part.Trim()).ToArray();
        string Part(int i) => i < parts.Length ? parts[i] : "";
        return verb switch
        {
            "Startup" => Startup(196608, [.. parts.Where(p => p.Length > 0).Select(p => (p.Split('=', 2)[0], p.Split('=', 2)[1]))]),
            "StartupVersion" => Startup(
                int.Parse(Part(0), CultureInfo.InvariantCulture),
                [.. parts.Skip(1).Select(p => (p.Split('=', 2)[0], p.Split('=', 2)[1]))]),
            "Q" => Query(rest.Replace("\\n", "\n", StringComparison.Ordinal)),
            "P" => Parse(Part(0), Part(1), [.. List(Part(2)).Select(v => uint.Parse(v, CultureInfo.InvariantCulture))]),
            "B" => Bind(Part(0), Part(1), Codes(Part(2)), [.. List(Part(3)).Select(Value)], Codes(Part(4))),
            "D" => Describe(rest[0], rest[1..].Trim()),
            "C" => Close(rest[0], rest[1..].Trim()),
            "E" => Execute(Part(0), Part(1).Length == 0 ? 0 : int.Parse(Part(1), CultureInfo.InvariantCulture)),
            "F" => Frame('F', body => { Int32(body, 1); Int16(body, 0); Int16(body, 0); Int16(body, 0); }),
            "H" => Flush(),
            "S" => Sync(),
            "X" => Terminate(),
            "Raw" => Raw(Convert.FromHexString(rest)),
            _ => throw new FormatException($"What is '{line}'?"),
        };
    }

    private static (string Verb, string Text) Split(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (line, "") : (line[..space], line[(space + 1)..]);
    }

    private static string[] List(string part) => part.Length == 0 ? [] : part.Split(',');

    private static short[] Codes(string part) => [.. List(part).Select(v => short.Parse(v, CultureInfo.InvariantCulture))];

    private static byte[]? Value(string text) => text == "NULL" ? null
        : text.StartsWith("\\x", StringComparison.Ordinal) ? Convert.FromHexString(text[2..])
        : Encoding.UTF8.GetBytes(text);

    private static void Target(ArrayBufferWriter<byte> body, char kind, string name)
    {
        body.Write([(byte)kind]);
        Text(body, name);
    }

    private static void Formats(ArrayBufferWriter<byte> body, short[] formats)
    {
        Int16(body, formats.Length);
        foreach (var format in formats)
        {
            Int16(body, format);
        }
    }

    public static void Text(ArrayBufferWriter<byte> body, string text)
    {
        body.Write(Encoding.UTF8.GetBytes(text));
        body.Write("\0"u8);
    }

    public static void Int16(ArrayBufferWriter<byte> body, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body.GetSpan(2), (ushort)value);
        body.Advance(2);
    }

    public static void Int32(ArrayBufferWriter<byte> body, int value)
    {
        BinaryPrimitives.WriteInt32BigEndian(body.GetSpan(4), value);
        body.Advance(4);
    }
}
