using System.Security.Cryptography;

namespace Rqlite.Pg.Storage;

/// <summary>
/// What functions may ask of the statement that calls them; one a connection. On the writer the answers follow from the entry, so every replica
/// gives the same.
/// </summary>
public sealed unsafe class StatementContext
{
    private readonly long* _unixMicroseconds;

    /// <param name="unixMicroseconds">The connection's clock; must outlive the connection.</param>
    internal StatementContext(long* unixMicroseconds) => _unixMicroseconds = unixMicroseconds;

    /// <summary>For calls outside of a statement.</summary>
    public static StatementContext None { get; } = new(null);

    /// <summary>The time that the transaction sees as now, in microseconds since 1970-01-01 UTC.</summary>
    public long TransactionTime => _unixMicroseconds == null ? 0 : *_unixMicroseconds;

    /// <summary>The statement goes through the log, or stands in a transaction that does: every replica has to give the same answers.</summary>
    public bool InEntry => Entry != null;

    /// <summary>When the statement began; in a statement that goes through the log the transaction's time.</summary>
    public long StatementTime => Entry == null && _unixMicroseconds != null ? Began : TransactionTime;

    /// <summary>The time of the call; in a statement that goes through the log the transaction's time.</summary>
    public long ClockTime => Entry == null && _unixMicroseconds != null ? Now : TransactionTime;

    /// <summary>The session that sends the statement; null for none, and where the statement does not ask for it.</summary>
    public CallerSession? Caller { get; internal set; }

    /// <summary>Reads on the statement's connection.</summary>
    /// <exception cref="NotSupportedException">There is no statement.</exception>
    public IConnectionSql Sql { get => field ?? throw new NotSupportedException("There is no connection."); internal set; }

    /// <summary>The present time of this node's clock, in microseconds since 1970-01-01 UTC.</summary>
    internal static long Now => (DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The entry that is applied or run ahead; null on a reader.</summary>
    internal EntryState* Entry { get; set; }

    /// <summary>When the running statement of a reader began.</summary>
    internal long Began { get; set; }

    /// <summary>The error with which a function ended the statement, until it is taken.</summary>
    internal SqlFunctionException? Failure { get; set; }

    /// <summary>64 random bits; in a statement that goes through the log they follow from the entry.</summary>
    public long NextRandom()
    {
        if (Entry != null)
        {
            return (long)Entry->NextRandom();
        }

        long bits;
        RandomNumberGenerator.Fill(new Span<byte>(&bits, sizeof(long)));
        return bits;
    }

    /// <summary>The error of the function that ended a statement with this code and message; null if none did.</summary>
    internal SqlFunctionException? TakeFailure(int resultCode, string message)
    {
        var failure = Failure;
        Failure = null;
        return (resultCode & 0xff) == ResultCode.Error && failure?.Message == message ? failure : null;
    }
}
