using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The answer of the writer's node when it has granted the writer.</summary>
/// <param name="Term">The term of the grant: in a later one the transaction is over.</param>
/// <param name="BaseIndex">The last entry that the transaction sees.</param>
internal readonly record struct TransactionGrant(long Term, long BaseIndex);

/// <summary>
/// Bodies of <see cref="TransactionRequest"/>s and of their answers. Each begins with a format version; each that may get more fields later
/// ends with a length-prefixed extension, which a reader that does not know it skips.
/// </summary>
internal static class TransactionMessages
{
    private const byte Version = 2;
    private const int ReadBytesMin = 4 + 4 + 1 + 16;
    private const int SavepointsMax = 1 << 20;

    // The longest time of a timer.
    private static readonly TimeSpan s_limitMax = TimeSpan.FromMilliseconds(uint.MaxValue - 2);

    public static ReadOnlyMemory<byte> Begin(TransactionOptions options)
    {
        var output = Open();
        output.WriteByte((byte)options.Options);
        WriteLimit(output, options.LockTimeout);
        WriteLimit(output, options.IdleTimeout);
        WriteLimit(output, options.CommitTimeout);
        WriteLimit(output, options.WriterSlice);
        output.WriteInt32(options.Savepoints);
        output.WriteInt64(options.SchemaVersion);
        output.WriteOptionalInt64(options.UnixMicroseconds);
        output.WriteOptionalString(options.IdempotencyKey);
        CallerEncoding.Write(output, options.Caller);
        return Close(output);
    }

    /// <exception cref="InvalidDataException">The bytes are not such a request; the same holds for all Read methods.</exception>
    public static TransactionOptions ReadBegin(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var options = LogCommandEncoding.CheckOptions(reader.ReadByte());
        var wait = ReadLimit(ref reader);
        var idle = ReadLimit(ref reader);
        var commit = ReadLimit(ref reader);
        var slice = ReadLimit(ref reader);
        var savepoints = reader.ReadInt32();
        var schemaVersion = reader.ReadInt64();
        var time = reader.ReadOptionalInt64();
        var key = reader.ReadOptionalString();
        var caller = CallerEncoding.Read(ref reader);
        Close(ref reader);
        LogEntryCheck.Caller(caller);
        LogEntryCheck.Time(time);
        return commit is null || savepoints is < 0 or > SavepointsMax
            ? throw new InvalidDataException("A transaction without limits is asked for.")
            : new()
            {
                Options = options,
                LockTimeout = wait,
                IdleTimeout = idle,
                CommitTimeout = commit.Value,
                WriterSlice = slice ?? TimeSpan.Zero,
                Savepoints = savepoints,
                SchemaVersion = schemaVersion,
                UnixMicroseconds = time,
                IdempotencyKey = key,
                Caller = caller,
            };
    }

    public static ReadOnlyMemory<byte> Grant(TransactionGrant grant)
    {
        var output = Open();
        output.WriteInt64(grant.Term);
        output.WriteInt64(grant.BaseIndex);
        return Close(output);
    }

    public static TransactionGrant ReadGrant(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var term = reader.ReadInt64();
        var grant = new TransactionGrant(term, reader.ReadInt64());
        Close(ref reader);
        return grant;
    }

    public static ReadOnlyMemory<byte> Check(IReadOnlyList<ReadDigest> reads)
    {
        var output = Open();
        var extension = new StatementEncoding(reads.Select(static read => read.Statement));
        extension.Write(output);
        output.WriteInt32(reads.Count);
        foreach (var (statement, digest) in reads)
        {
            Write(output, statement, extension);
            output.WriteUInt128(digest);
        }

        return Close(output);
    }

    public static IReadOnlyList<ReadDigest> ReadCheck(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var extension = StatementEncoding.Read(ref reader);
        var reads = new ReadDigest[reader.ReadCount(ReadBytesMin)];
        for (var i = 0; i < reads.Length; i++)
        {
            var statement = ReadStatement(ref reader, extension);
            reads[i] = new(statement, reader.ReadUInt128());
        }

        Close(ref reader);
        return reads;
    }

    public static ReadOnlyMemory<byte> Run(Statement statement, TimeSpan? timeout)
    {
        var output = Open();
        WriteLimit(output, timeout);
        var extension = new StatementEncoding([statement]);
        extension.Write(output);
        Write(output, statement, extension);
        return Close(output);
    }

    public static (Statement Statement, TimeSpan? Timeout) ReadRun(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var timeout = ReadLimit(ref reader);
        var extension = StatementEncoding.Read(ref reader);
        var statement = ReadStatement(ref reader, extension);
        Close(ref reader);
        return (statement, timeout);
    }

    private static void Write(ArrayBufferWriter<byte> output, Statement statement, StatementEncoding extension)
    {
        output.WriteBytes(statement.Sql.Span);
        output.WriteBytes(statement.Parameters.Span);
        extension.Write(output, statement);
    }

    private static Statement ReadStatement(ref FieldReader reader, StatementEncoding extension)
    {
        var sql = reader.ReadBytes();
        var statement = extension.Read(ref reader, new Statement(sql, reader.ReadBytes()));
        LogEntryCheck.Statement(statement);
        return statement;
    }

    /// <summary>A savepoint's number, or a request or answer that has only its extension.</summary>
    public static ReadOnlyMemory<byte> Number(int number = 0)
    {
        var output = Open();
        output.WriteInt32(number);
        return Close(output);
    }

    public static int ReadNumber(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var number = reader.ReadInt32();
        Close(ref reader);
        return number;
    }

    /// <summary>The bytes after the head of a result.</summary>
    public static ReadOnlyMemory<byte> AfterHead(ReadOnlyMemory<byte> block)
    {
        var reader = new FieldReader(block);
        _ = ReadNumber(reader.ReadBytes());
        return block[^reader.Remaining..];
    }

    public static ReadOnlyMemory<byte> Committed(CommitResult result)
    {
        var output = Open();
        output.WriteInt64(result.Index);
        ErrorEncoding.Write(output, result.Error);

        return Close(output);
    }

    public static CommitResult ReadCommitted(ReadOnlyMemory<byte> body)
    {
        var reader = Open(body);
        var index = reader.ReadInt64();
        var error = ErrorEncoding.Read(ref reader);

        Close(ref reader);
        return new(index, error);
    }

    private static ArrayBufferWriter<byte> Open()
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteByte(Version);
        return output;
    }

    private static ReadOnlyMemory<byte> Close(ArrayBufferWriter<byte> output)
    {
        output.WriteBytes([]);
        return output.WrittenMemory;
    }

    private static FieldReader Open(ReadOnlyMemory<byte> body)
    {
        var reader = new FieldReader(body);
        var version = reader.ReadByte();
        return version == Version
            ? reader
            : throw new InvalidDataException($"A message of a transaction has format {version}; this node knows {Version}.");
    }

    private static void Close(ref FieldReader reader)
    {
        _ = reader.ReadBytes();
        reader.End();
    }

    private static void WriteLimit(IBufferWriter<byte> output, TimeSpan? limit) =>
        output.WriteInt64(limit is not { } given || given < TimeSpan.Zero ? -1 : Math.Min(given.Ticks, s_limitMax.Ticks));

    private static TimeSpan? ReadLimit(ref FieldReader reader)
    {
        var ticks = reader.ReadInt64();
        return ticks < -1 || ticks > s_limitMax.Ticks
            ? throw new InvalidDataException("A time limit of a transaction is out of range.")
            : ticks == -1 ? null : new TimeSpan(ticks);
    }
}
