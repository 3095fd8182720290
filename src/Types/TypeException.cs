namespace Rqlite.Pg.Types;

/// <summary>An error of a value or a calculation, in PostgreSQL's words.</summary>
/// <param name="sqlState">The five characters of SQLSTATE, see <see cref="Types.SqlState"/>.</param>
public sealed class TypeException(string sqlState, string message, string? detail = null, string? hint = null) : Exception(message)
{
    public string SqlState { get; } = sqlState;

    public string? Detail { get; } = detail;

    public string? Hint { get; } = hint;

    /// <summary>Where within the value the error is, as the CONTEXT of the message.</summary>
    public string? Context { get; init; }
}
