namespace Rqlite.Pg.Storage;

/// <summary>A result column: its name, and for a plain column its declared type, table and column of origin.</summary>
public sealed record Column(string Name, string? DeclaredType, string? Table, string? Origin);

/// <summary>The columns of a result; none for a statement that returns no rows.</summary>
public sealed record RowSchema(IReadOnlyList<Column> Columns)
{
    public static RowSchema Empty { get; } = new([]);
}

/// <summary>An error of the statement itself; the request that contains it goes on.</summary>
/// <param name="ResultCode">SQLite's extended result code.</param>
/// <param name="Message">SQLite's message.</param>
/// <param name="Offset">Byte offset into the SQL text (<c>sqlite3_error_offset</c>), or -1.</param>
public sealed record StatementError(int ResultCode, string Message, int Offset)
{
    /// <summary>The five characters of the SQLSTATE, if the error is ours and not SQLite's.</summary>
    public string? SqlState { get; init; }

    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>An error of ours; to SQLite it is a plain one of the statement.</summary>
    public static StatementError Of(string sqlState, string message) => new(Storage.ResultCode.Error, message, -1) { SqlState = sqlState };

    /// <summary>The offset of an error of the transaction's COMMIT, which is written as the outcome of the last statement.</summary>
    public const int CommitOffset = -2;

    public bool AtCommit => Offset == CommitOffset;
}

/// <summary>The outcome of a statement, known after its last row.</summary>
/// <param name="ReadOnly">The result of <c>sqlite3_stmt_readonly</c>; if true, the two counters are 0.</param>
public readonly record struct StatementOutcome(
    bool ReadOnly, long RowsAffected, long LastInsertRowId, TimeSpan Elapsed, StatementError? Error)
{
    /// <summary>The statement's effects on the session that sent it, or null.</summary>
    public SessionEffects? Effects { get; init; }
}
