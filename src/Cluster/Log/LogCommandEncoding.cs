using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The content of an entry with commands that were not run before it was proposed.</summary>
/// <param name="Nonce">Tells this entry from another one that was proposed for the same index.</param>
/// <param name="UnixMicroseconds">The time that the entry's commands see.</param>
/// <param name="Seed">The seed of the commands' random numbers.</param>
internal sealed record LogCommands(UInt128 Nonce, long UnixMicroseconds, ulong Seed, IReadOnlyList<ApplyCommand> Commands);

/// <summary>
/// The payload of an entry whose commands were not run before it was proposed, as earlier versions wrote it: format version (byte), nonce (16
/// bytes), time (int64, ms since 1970), seed (uint64), count of commands (int32), commands. A command: request id (two uint64), then its batch:
/// <see cref="BatchOptions"/> (byte), the session that sends it (<see cref="CallerEncoding"/>), count of statements (int32), and for each the
/// SQL and the encoded parameters, an int32 length before either. What few batches have is in <see cref="StatementEncoding"/>. All numbers are
/// little-endian.
/// </summary>
internal static class LogCommandEncoding
{
    public const byte Version = 1;

    public const int HeadBytes = 1 + 16 + 8 + 8 + 4;

    private const int CommandHeadBytes = 16;
    // The length without the session, which is measured by itself.
    private const int BatchHeadBytes = 1 + 4;
    private const int StatementHeadBytes = 4 + 4;

    private const BatchOptions KnownOptions =
        BatchOptions.Atomic | BatchOptions.DiscardReads | BatchOptions.DoubleQuotedText | BatchOptions.ForeignKeys
        | BatchOptions.AdvisoryLocks;

    /// <summary>Bytes of one command in an entry.</summary>
    public static long Measure(StatementBatch batch)
    {
        var extension = StatementEncoding.Of(batch);
        var bytes = CommandHeadBytes + BatchHeadBytes + CallerEncoding.Measure(batch.Caller) + (extension?.Measure() ?? 0);
        foreach (var statement in batch.Statements)
        {
            bytes += StatementHeadBytes + statement.Sql.Length + statement.Parameters.Length
                + (extension is null ? 0 : StatementEncoding.Measure(statement));
        }

        return bytes;
    }

    public static void WriteHead(IBufferWriter<byte> output, UInt128 nonce, long unixMicroseconds, ulong seed, int commands)
    {
        output.WriteByte(Version);
        output.WriteUInt128(nonce);
        output.WriteInt64(unixMicroseconds / 1000);
        output.WriteUInt64(seed);
        output.WriteInt32(commands);
    }

    public static void WriteCommand(IBufferWriter<byte> output, ApplyCommand command)
    {
        output.WriteUInt64(command.RequestId.High);
        output.WriteUInt64(command.RequestId.Low);
        WriteBatch(output, command.Batch);
    }

    public static void WriteBatch(IBufferWriter<byte> output, StatementBatch batch)
    {
        var extension = StatementEncoding.Of(batch);
        output.WriteByte((byte)((byte)batch.Options | (extension is null ? 0 : StatementEncoding.Extended)));
        CallerEncoding.Write(output, batch.Caller);
        extension?.Write(output);
        output.WriteInt32(batch.Statements.Count);
        foreach (var statement in batch.Statements)
        {
            output.WriteBytes(statement.Sql.Span);
            output.WriteBytes(statement.Parameters.Span);
            extension?.Write(output, statement);
        }
    }

    /// <summary>The commands of an entry, as slices of it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not an entry, or one of a format that this version does not know.</exception>
    public static LogCommands Read(ReadOnlyMemory<byte> entry)
    {
        var reader = new FieldReader(entry);
        var version = reader.ReadByte();
        if (version > LogLoadEncoding.Version)
        {
            throw new InvalidDataException(
                $"The entry was written by a newer version (format {version}; this version reads up to {LogLoadEncoding.Version}). "
                + "Update this node.");
        }

        if (version != Version)
        {
            throw new InvalidDataException($"An entry's format {version} is not known.");
        }

        var nonce = reader.ReadUInt128();
        var unixMicroseconds = ReadMilliseconds(ref reader);
        var seed = reader.ReadUInt64();
        var commands = ReadCommands(ref reader);
        reader.End();
        return new(nonce, unixMicroseconds, seed, commands);
    }

    /// <summary>A time of an earlier version, in ms since 1970.</summary>
    public static long ReadMilliseconds(ref FieldReader reader) =>
        reader.ReadInt64() is >= 0 and <= long.MaxValue / 1000 and var time ? time * 1000 : throw new InvalidDataException("A time is out of range.");

    /// <summary>Reads a count of commands and the commands.</summary>
    public static ApplyCommand[] ReadCommands(ref FieldReader reader)
    {
        var commands = new ApplyCommand[reader.ReadCount(CommandHeadBytes + BatchHeadBytes)];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i] = ReadCommand(ref reader);
        }

        return commands;
    }

    public static ApplyCommand ReadCommand(ref FieldReader reader)
    {
        var id = ReadRequestId(ref reader);
        return new(id, ReadBatch(ref reader));
    }

    public static RequestId ReadRequestId(ref FieldReader reader)
    {
        var high = reader.ReadUInt64();
        return new(high, reader.ReadUInt64());
    }

    public static StatementBatch ReadBatch(ref FieldReader reader)
    {
        var head = reader.ReadByte();
        var options = CheckOptions((byte)(head & ~StatementEncoding.Extended));
        var caller = CallerEncoding.Read(ref reader);
        var extension = (head & StatementEncoding.Extended) != 0 ? StatementEncoding.Read(ref reader) : null;
        var statements = new Statement[reader.ReadCount(StatementHeadBytes)];
        for (var i = 0; i < statements.Length; i++)
        {
            var sql = reader.ReadBytes();
            statements[i] = new(sql, reader.ReadBytes());
            statements[i] = extension?.Read(ref reader, statements[i]) ?? statements[i];
        }

        return new(statements, options) { Caller = caller, SchemaVersion = extension?.SchemaVersion ?? 0 };
    }

    public static BatchOptions CheckOptions(byte options) => ((BatchOptions)options & ~KnownOptions) == 0
        ? (BatchOptions)options
        : throw new InvalidDataException($"Options {options} hold unknown ones.");
}
