namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Errors with which SQLite refuses to prepare a lowered text.</summary>
public static class PrepareErrors
{
    /// <summary>The client's error where its statement is too deep for SQLite's parser; null for any other error, which is a fault of the lowering.</summary>
    public static DialectException? From(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Contains("Recursion limit", StringComparison.Ordinal) || message.Contains("parser stack overflow", StringComparison.Ordinal)
            || message.Contains("Expression tree is too large", StringComparison.Ordinal)
                ? new DialectException("54001", "stack depth limit exceeded", hint: "The statement nests too deep for SQLite.")
                : null;
    }
}
