namespace Rqlite.Pg.Storage;

/// <summary>
/// The functions and tables with which statements ask the node that they run on, besides the database. They are the same on every node, but for
/// the answers.
/// </summary>
public sealed record NodeSql(IReadOnlyList<NodeFunction> Functions, IReadOnlyList<NodeTable> Tables)
{
    public static NodeSql None { get; } = new([], []);

    /// <summary>The functions and tables of both.</summary>
    public NodeSql And(NodeSql other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new([.. Functions, .. other.Functions], [.. Tables, .. other.Tables]);
    }

    internal bool HasFunction(string name) => Functions.Any(f => !f.Pure && f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal bool HasTable(string name) => Tables.Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An SQL function of the node. A value is null, a long, a double or a text.</summary>
/// <param name="Body">The function's body, run where a statement only reads; a <see cref="NodeSqlException"/> is the statement's error.</param>
/// <param name="OnWriter">The answer in the log, where every node must give the same; null refuses the function there.</param>
/// <param name="Pure">The answer follows from the arguments alone, and the function runs everywhere.</param>
public sealed record NodeFunction(
    string Name, int Arity, Func<IReadOnlyList<object?>, object?> Body, object? OnWriter = null, bool Pure = false);

/// <summary>An SQL table of the node, for statements that only read; its rows are made when it is scanned.</summary>
/// <param name="Columns">The columns, as in CREATE TABLE.</param>
/// <param name="Rows">The rows for the session that asks, with a value for each column: null, a long, a double or a text.</param>
public sealed record NodeTable(string Name, string Columns, Func<CallerSession?, IReadOnlyList<object?[]>> Rows)
{
    public NodeTable(string name, string columns, Func<IReadOnlyList<object?[]>> rows)
        : this(name, columns, _ => rows())
    {
    }
}

/// <summary>The error of a statement that asks its node a question that it cannot answer.</summary>
public sealed class NodeSqlException(string message) : Exception(message);
