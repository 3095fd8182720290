using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Harness;

/// <summary>Messages of a PostgreSQL client, as bytes.</summary>
public static class PgFrames
{
    public static byte[] Startup(string options = "")
    {
        var body = Encoding.UTF8.GetBytes($"user\0postgres\0database\0postgres\0{(options.Length == 0 ? "" : $"options\0{options}\0")}\0");
        return [.. Number(8 + body.Length), .. Number(196608), .. body];
    }

    public static byte[] Query(string sql) => Frame('Q', [.. Encoding.UTF8.GetBytes(sql), 0]);

    /// <summary>A statement without parameters up to its execution, by the extended protocol.</summary>
    public static byte[] Execute(string sql) =>
    [
        .. Frame('P', [0, .. Encoding.UTF8.GetBytes(sql), 0, 0, 0]), .. Frame('B', [0, 0, 0, 0, 0, 0, 0, 0]), .. Frame('D', [(byte)'P', 0]),
        .. Frame('E', [0, 0, 0, 0, 0]),
    ];

    public static byte[] Parse(string name, string sql) => Frame('P', [.. Text(name), .. Text(sql), 0, 0]);

    /// <summary>Binds a statement to a portal, with the parameters as text.</summary>
    public static byte[] Bind(string portal, string statement, params string[] parameters) => Frame('B',
    [
        .. Text(portal), .. Text(statement), 0, 0, (byte)(parameters.Length >> 8), (byte)parameters.Length,
        .. parameters.SelectMany(static p => (byte[])[.. Number(Encoding.UTF8.GetByteCount(p)), .. Encoding.UTF8.GetBytes(p)]), 0, 0,
    ]);

    /// <summary>Runs a portal for so many rows, or to its end.</summary>
    public static byte[] ExecutePortal(string portal, int rows = 0) => Frame('E', [.. Text(portal), .. Number(rows)]);

    public static byte[] Sync() => Frame('S', []);

    /// <summary>The whole of what a connection sends that asks for a statement of another one to be cancelled.</summary>
    public static byte[] Cancel(byte[] key) => [.. Number(8 + key.Length), .. Number(80877102), .. key];

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static byte[] Frame(char code, byte[] body) => [(byte)code, .. Number(4 + body.Length), .. body];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
