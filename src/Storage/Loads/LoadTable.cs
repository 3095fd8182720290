using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The table in which the chunks of a file lie until it takes the place of the database: replication, restarts and copies need to know nothing of
/// them. Number 0 is the load itself; there is one at a time. A chunk is a byte, 1 if what follows is compressed, and the bytes.
/// </summary>
public static class LoadTable
{
    private const byte Plain = 0;
    private const byte Compressed = 1;

    /// <summary>The chunks that one entry removes: removing takes as long as they are large.</summary>
    public const int RemovedAtOnce = 64;

    private static readonly byte[] s_create = Text(
        $"CREATE TABLE IF NOT EXISTS {OwnTables.Load}(number INTEGER PRIMARY KEY, load BLOB NOT NULL, time INTEGER NOT NULL, data BLOB NOT NULL)");

    private static readonly byte[] s_begin = Text(
        $"INSERT INTO {OwnTables.Load}(number, load, time, data) SELECT 0, ?1, unixepoch(), x'' WHERE NOT EXISTS (SELECT 1 FROM {OwnTables.Load})");

    private static readonly byte[] s_add = Text(
        $"INSERT INTO {OwnTables.Load}(number, load, time, data) SELECT ?2, ?1, unixepoch(), ?3"
        + $" WHERE EXISTS (SELECT 1 FROM {OwnTables.Load} WHERE number=0 AND load=?1)");

    private static readonly byte[] s_remove = Text(
        $"DELETE FROM {OwnTables.Load} WHERE load=?1 AND number > (SELECT max(number) FROM {OwnTables.Load}) - "
        + RemovedAtOnce.ToString(CultureInfo.InvariantCulture));

    /// <summary>Begins a load; the last statement changes a row unless another load has begun.</summary>
    public static StatementBatch Begin(ReadOnlyMemory<byte> id) => new(
        [Statement.Ours(s_create), Statement.Ours(s_begin, output => ParameterEncoding.WriteBlob(output, id.Span))], BatchOptions.Atomic);

    /// <summary>Adds a chunk; changes a row unless another load has taken the place of this one.</summary>
    public static StatementBatch Add(ReadOnlyMemory<byte> id, int number, ReadOnlyMemory<byte> bytes)
    {
        var data = Encode(bytes.Span);
        return new(
            [Statement.Ours(s_add, output =>
            {
                ParameterEncoding.WriteBlob(output, id.Span);
                ParameterEncoding.WriteInteger(output, number);
                ParameterEncoding.WriteBlob(output, data);
            })],
            BatchOptions.Atomic);
    }

    /// <summary>Removes the last chunks of a load, and the load with the last of them; changes no row if there are none.</summary>
    public static StatementBatch Remove(ReadOnlyMemory<byte> id) => new(
        [Statement.Ours(s_remove, output => ParameterEncoding.WriteBlob(output, id.Span))], BatchOptions.Atomic);

    internal static bool Exists(Connection connection) =>
        connection.ScalarInteger($"SELECT count(*) FROM main.sqlite_schema WHERE name='{OwnTables.Load}'") > 0;

    internal static byte[] Encode(ReadOnlySpan<byte> bytes)
    {
        using var compressed = new MemoryStream(bytes.Length / 2);
        compressed.WriteByte(Compressed);
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return compressed.Length <= bytes.Length ? compressed.ToArray() : [Plain, .. bytes];
    }

    /// <returns>The number of bytes; -1 for no chunk, or one that is too long for <paramref name="target"/>.</returns>
    internal static int Decode(byte[] data, Span<byte> target)
    {
        if (data is [Plain, ..])
        {
            return data.Length - 1 <= target.Length && data.AsSpan(1).TryCopyTo(target) ? data.Length - 1 : -1;
        }

        if (data is not [Compressed, ..])
        {
            return -1;
        }

        try
        {
            using var inflate = new DeflateStream(new MemoryStream(data, 1, data.Length - 1), CompressionMode.Decompress);
            var length = inflate.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
            return length == target.Length && inflate.ReadByte() >= 0 ? -1 : length;
        }
        catch (InvalidDataException)
        {
            return -1;
        }
    }

    private static byte[] Text(string sql) => Encoding.UTF8.GetBytes(sql);
}
