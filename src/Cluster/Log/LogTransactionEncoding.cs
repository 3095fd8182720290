using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The content of a transaction's entry.</summary>
/// <param name="Nonce">Tells this entry from another one that was proposed for the same index.</param>
internal sealed record LogTransaction(UInt128 Nonce, long UnixMicroseconds, ulong Seed, TransactionEntry Entry);

/// <summary>
/// The payload of a transaction: format version (byte), nonce (16 bytes), time (int64, µs since 1970), seed (uint64), the time that its
/// statements see as now (int64, µs since 1970; both are in ms in the former format), its name (two uint64), base index and term (int64 each), digest (uint64),
/// <see cref="BatchOptions"/> (byte), the session that it ran for (<see cref="CallerEncoding"/>), count of statements (int32), and for each its
/// number (int32), the SQL and the encoded parameters, an int32 length before either, and the state of sequences that it needs
/// (<see cref="SequencesEncoding"/>). What few transactions have is in <see cref="StatementEncoding"/>. All numbers are little-endian.
/// </summary>
internal static class LogTransactionEncoding
{
    public const byte Version = 6;

    private const byte FormerVersion = 3;

    private const int HeadBytes = 1 + 16 + 8 + 8 + 8 + 16 + 8 + 8 + 8 + 1 + 4;
    private const int StatementHeadBytes = 4 + 4 + 4;

    /// <summary>True for the payload of a transaction, false for that of commands.</summary>
    public static bool Is(ReadOnlyMemory<byte> entry) => entry is { Length: > 0 } && entry.Span[0] is Version or FormerVersion;

    public static long Measure(TransactionEntry entry)
    {
        var extension = StatementEncoding.Of(entry.Statements);
        var bytes = HeadBytes + CallerEncoding.Measure(entry.Caller) + (extension?.Measure() ?? 0);
        foreach (var one in entry.Statements)
        {
            bytes += StatementHeadBytes + one.Statement.Sql.Length + one.Statement.Parameters.Length + SequencesEncoding.Measure(one.Sequences)
                + (extension is null ? 0 : StatementEncoding.Measure(one.Statement));
        }

        return bytes;
    }

    public static void Write(IBufferWriter<byte> output, LogTransaction transaction)
    {
        var entry = transaction.Entry;
        output.WriteByte(Version);
        output.WriteUInt128(transaction.Nonce);
        output.WriteInt64(transaction.UnixMicroseconds);
        output.WriteUInt64(transaction.Seed);
        output.WriteInt64(entry.Clock);
        output.WriteUInt64(entry.RequestId.High);
        output.WriteUInt64(entry.RequestId.Low);
        output.WriteInt64(entry.BaseIndex);
        output.WriteInt64(entry.BaseTerm);
        output.WriteUInt64(entry.Digest);
        var extension = StatementEncoding.Of(entry.Statements);
        output.WriteByte((byte)((byte)entry.Options | (extension is null ? 0 : StatementEncoding.Extended)));
        CallerEncoding.Write(output, entry.Caller);
        extension?.Write(output);
        output.WriteInt32(entry.Statements.Count);
        foreach (var one in entry.Statements)
        {
            output.WriteInt32(one.Ordinal);
            output.WriteBytes(one.Statement.Sql.Span);
            output.WriteBytes(one.Statement.Parameters.Span);
            SequencesEncoding.Write(output, one.Sequences);
            extension?.Write(output, one.Statement);
        }
    }

    /// <summary>The transaction of an entry, as slices of it.</summary>
    /// <exception cref="InvalidDataException">The bytes are no transaction.</exception>
    public static LogTransaction Read(ReadOnlyMemory<byte> entry)
    {
        var reader = new FieldReader(entry);
        var version = reader.ReadByte();
        if (version is not (Version or FormerVersion))
        {
            throw new InvalidDataException("The entry is no transaction.");
        }

        var nonce = reader.ReadUInt128();
        var unixMicroseconds = version == Version ? reader.ReadInt64() : LogCommandEncoding.ReadMilliseconds(ref reader);
        var seed = reader.ReadUInt64();
        var clock = version == Version ? reader.ReadInt64() : LogCommandEncoding.ReadMilliseconds(ref reader);
        var requestId = LogCommandEncoding.ReadRequestId(ref reader);
        var baseIndex = reader.ReadInt64();
        var baseTerm = reader.ReadInt64();
        var digest = reader.ReadUInt64();
        var head = reader.ReadByte();
        var options = LogCommandEncoding.CheckOptions((byte)(head & ~StatementEncoding.Extended));
        var caller = CallerEncoding.Read(ref reader);
        var extension = (head & StatementEncoding.Extended) != 0 ? StatementEncoding.Read(ref reader) : null;
        var statements = new TransactionStatement[reader.ReadCount(StatementHeadBytes)];
        for (var i = 0; i < statements.Length; i++)
        {
            var ordinal = reader.ReadInt32();
            var sql = reader.ReadBytes();
            statements[i] = new(ordinal, new(sql, reader.ReadBytes())) { Sequences = SequencesEncoding.Read(ref reader) };
            if (extension is not null)
            {
                statements[i] = statements[i] with { Statement = extension.Read(ref reader, statements[i].Statement) };
            }
        }

        reader.End();
        return new(nonce, unixMicroseconds, seed, new(baseIndex, baseTerm, digest, options, statements)
        {
            Clock = clock,
            RequestId = requestId,
            Caller = caller,
        });
    }
}
