using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Errors;

/// <summary>The severity of an error; FATAL ends the session.</summary>
internal enum Severity
{
    Error,
    Fatal,
    Warning,
    Notice,
}

/// <summary>The fields of an ErrorResponse or NoticeResponse that we fill.</summary>
internal sealed record PgError(Severity Severity, string SqlState, string Message)
{
    public string? Detail { get; init; }

    public string? Hint { get; init; }

    /// <summary>The position of the error, 1-based, in characters of the query text; 0 for none.</summary>
    public int Position { get; init; }

    public string? Where { get; init; }

    public string? Schema { get; init; }

    public string? Table { get; init; }

    public string? Column { get; init; }

    public string? Constraint { get; init; }

    /// <summary>The domain that a value violates.</summary>
    public string? DataType { get; init; }

    public static PgError Error(string sqlState, string message) => new(Severity.Error, sqlState, message);

    public static PgError Fatal(string sqlState, string message) => new(Severity.Fatal, sqlState, message);

    public static PgError Warning(string sqlState, string message) => new(Severity.Warning, sqlState, message);
}

/// <summary>Ends a statement, or with <see cref="Severity.Fatal"/> the session, with the error that the client gets.</summary>
internal sealed class PgException(PgError error) : Exception(error.Message)
{
    public PgException(string sqlState, string message, string? hint = null)
        : this(PgError.Error(sqlState, message) with { Hint = hint })
    {
    }

    public PgError Error { get; } = error;

    /// <summary>The error is that of a COMMIT, which has ended its block.</summary>
    public bool AtCommit { get; init; }

    /// <summary>The statement that has failed; null for none of the database's.</summary>
    public StatementRun? Failed { get; init; }

    public static PgException Fatal(string sqlState, string message) => new(PgError.Fatal(sqlState, message));

    public static PgException Protocol(string message) => new(SqlState.ProtocolViolation, message);
}
