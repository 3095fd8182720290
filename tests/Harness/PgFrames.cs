using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Harness;

/// <summary>Messages of a PostgreSQL client, as bytes.</summary>
internal static class PgFrames
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

    public static byte[] Sync() => Frame('S', []);

    private static byte[] Frame(char code, byte[] body) => [(byte)code, .. Number(4 + body.Length), .. body];

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
