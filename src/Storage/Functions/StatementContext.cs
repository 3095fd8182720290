namespace Rqlite.Pg.Storage;

/// <summary>
/// What functions may ask of the statement that calls them; one a connection. On the writer the answers follow from the entry, so every replica
/// gives the same.
/// </summary>
public sealed unsafe class StatementContext
{
    private readonly long* _unixMilliseconds;

    /// <param name="unixMilliseconds">The connection's clock; must outlive the connection.</param>
    internal StatementContext(long* unixMilliseconds) => _unixMilliseconds = unixMilliseconds;

    /// <summary>For calls outside of a statement.</summary>
    public static StatementContext None { get; } = new(null);

    /// <summary>The time that the transaction sees as now, in microseconds since 1970-01-01 UTC.</summary>
    public long TransactionTime => _unixMilliseconds == null ? 0 : *_unixMilliseconds * 1000;

    /// <summary>The session that sends the statement; null for none, and where the statement does not ask for it.</summary>
    public CallerSession? Caller { get; internal set; }

    /// <summary>Reads on the statement's connection.</summary>
    /// <exception cref="NotSupportedException">There is no statement.</exception>
    public IConnectionSql Sql { get => field ?? throw new NotSupportedException("There is no connection."); internal set; }

    /// <summary>The error with which a function ended the statement, until it is taken.</summary>
    internal SqlFunctionException? Failure { get; set; }

    /// <summary>The error of the function that ended a statement with this code and message; null if none did.</summary>
    internal SqlFunctionException? TakeFailure(int resultCode, string message)
    {
        var failure = Failure;
        Failure = null;
        return (resultCode & 0xff) == ResultCode.Error && failure?.Message == message ? failure : null;
    }
}
