using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Checks that input from another node can be run at all, before it is proposed or stored: an entry that cannot be decoded can be neither
/// skipped nor repeated by any node once it is in the log.
/// </summary>
internal static class LogEntryCheck
{
    /// <summary>The most statements of one batch, and the most commands of an entry.</summary>
    public const int CountMax = 1 << 21;

    // The last microsecond of the year 9999; SQLite's functions know no later time.
    private const long UnixMicrosecondsMax = 253_402_300_799_999_999;

    /// <exception cref="InvalidDataException">The bytes are not an entry that this version can apply.</exception>
    public static void Entry(ReadOnlyMemory<byte> entry)
    {
        if (LogTransactionEncoding.Is(entry))
        {
            Transaction(LogTransactionEncoding.Read(entry));
            return;
        }

        if (LogLoadEncoding.Is(entry))
        {
            Time(LogLoadEncoding.Read(entry).UnixMicroseconds);
            return;
        }

        IReadOnlyList<ApplyCommand> commands;
        if (LogBatchEncoding.Is(entry))
        {
            Time(LogBatchEncoding.ReadHead(entry).UnixMicroseconds);
            var batch = LogBatchEncoding.Read(entry);
            if (batch.BaseIndex < 0 || batch.BaseTerm < 0 || batch.Term < 0)
            {
                throw new InvalidDataException("A batch stands on an entry that cannot be.");
            }

            commands = batch.Commands;
        }
        else
        {
            var decoded = LogCommandEncoding.Read(entry);
            Time(decoded.UnixMicroseconds);
            commands = decoded.Commands;
        }

        foreach (var command in commands)
        {
            Batch(command.Batch);
        }
    }

    /// <exception cref="InvalidDataException">The batch cannot be run.</exception>
    public static void Batch(StatementBatch batch)
    {
        if (batch.Statements.Count > CountMax)
        {
            throw new InvalidDataException($"A batch has {batch.Statements.Count} statements; at most {CountMax} are taken.");
        }

        Caller(batch.Caller);
        foreach (var statement in batch.Statements)
        {
            Statement(statement);
        }

        if (batch is { Caller.Session: 0 } && (batch.Options & BatchOptions.AdvisoryLocks) != 0
            && (batch.Statements.Count != 1 || !LockCommand.IsWhole(batch.Statements[0])))
        {
            throw new InvalidDataException("A node's command about advisory locks is malformed.");
        }
    }

    /// <exception cref="InvalidDataException">The parameters of a text are none.</exception>
    public static void Statement(Statement statement)
    {
        Parameters(statement.Parameters.Span);
        foreach (var step in statement.Steps)
        {
            Parameters(step.Parameters.Span);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are no encoded parameters.</exception>
    private static void Parameters(ReadOnlySpan<byte> encoded)
    {
        var reader = new ParameterEncoding.Reader(encoded);
        while (reader.Read())
        {
        }
    }

    /// <exception cref="InvalidDataException">No session can have these values.</exception>
    public static void Caller(CallerSession? caller)
    {
        if (caller is null)
        {
            return;
        }

        if (caller.Session < 0)
        {
            throw new InvalidDataException($"A session has the number {caller.Session}.");
        }

        Values(caller.Sequences);
    }

    /// <summary>Checks a time in microseconds since 1970; null stands for none.</summary>
    /// <exception cref="InvalidDataException">The time is outside of SQLite's range.</exception>
    public static void Time(long? unixMicroseconds)
    {
        if (unixMicroseconds is < 0 or > UnixMicrosecondsMax)
        {
            throw new InvalidDataException($"{unixMicroseconds} µs is no time.");
        }
    }

    private static void Transaction(LogTransaction transaction)
    {
        var entry = transaction.Entry;
        Time(transaction.UnixMicroseconds);
        Time(entry.Clock);
        Caller(entry.Caller);
        if (entry.BaseIndex < 0 || entry.BaseTerm < 0)
        {
            throw new InvalidDataException("A transaction stands on an entry that cannot be.");
        }

        foreach (var one in entry.Statements)
        {
            Statement(one.Statement);
            if (one.Sequences?.Session is { } values)
            {
                Values(values);
            }
        }
    }

    /// <summary>Checks that the rest of a block of drawn values can be reached by its steps.</summary>
    private static void Values(IReadOnlyList<SequenceValue> values)
    {
        foreach (var value in values)
        {
            var left = (Int128)value.Cached - value.Last;
            if (left != 0 && (value.Increment == 0 || left % value.Increment != 0 || Int128.Sign(left) != Math.Sign(value.Increment)))
            {
                throw new InvalidDataException($"A session cannot have drawn from sequence {value.Id} what it says.");
            }
        }
    }
}
