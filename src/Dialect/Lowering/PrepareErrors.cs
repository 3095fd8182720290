using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Errors with which SQLite refuses to prepare a lowered text.</summary>
public static class PrepareErrors
{
    private const string OfNode = " cannot be used in a statement that goes through the log";
    private const string Prefix = "not authorized: ";

    /// <summary>
    /// The client's error where its statement is too deep for SQLite's parser, asks the node in a transaction that goes through the log, or has an aggregate in
    /// an expression for which lowering makes a subquery; null for any other error, which is a fault of the lowering.
    /// </summary>
    public static DialectException? From(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.EndsWith(OfNode, StringComparison.Ordinal))
        {
            return new DialectException(
                SqlState.FeatureNotSupported, message.StartsWith(Prefix, StringComparison.Ordinal) ? message[Prefix.Length..] : message);
        }

        if (message.StartsWith("misuse of aggregate", StringComparison.Ordinal))
        {
            return new DialectException(SqlState.FeatureNotSupported, "an aggregate in such an expression is not supported");
        }

        return message.Contains("Recursion limit", StringComparison.Ordinal) || message.Contains("parser stack overflow", StringComparison.Ordinal)
            || message.Contains("Expression tree is too large", StringComparison.Ordinal)
                ? new DialectException("54001", "stack depth limit exceeded", hint: "The statement nests too deep for SQLite.")
                : null;
    }
}
