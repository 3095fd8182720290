namespace Rqlite.Pg.Dialect;

/// <summary>An error of a text or a value that the client sent, in PostgreSQL's words.</summary>
/// <param name="sqlState">The five characters of SQLSTATE.</param>
/// <param name="position">1-based, in characters of the text that was parsed; 0 if the error has no place in it.</param>
public sealed class DialectException(string sqlState, string message, int position = 0, string? hint = null, string? detail = null)
    : Exception(message)
{
    public string SqlState { get; } = sqlState;

    public int Position { get; } = position;

    public string? Hint { get; } = hint;

    public string? Detail { get; } = detail;

    /// <summary>The CONTEXT of the message.</summary>
    public string? Context { get; init; }
}
