namespace Rqlite.Pg.Storage;

/// <summary>What statements can ask of the node that they run on, beside the database. The same on every node, but for the answers.</summary>
public sealed record NodeSql(IReadOnlyList<NodeFunction> Functions, IReadOnlyList<NodeTable> Tables)
{
    public static NodeSql None { get; } = new([], []);

    internal bool HasFunction(string name) => Functions.Any(f => !f.Pure && f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal bool HasTable(string name) => Tables.Any(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A function of SQL. A value is null, a long, a double or a text.</summary>
/// <param name="Body">Run where a statement only reads; a <see cref="NodeSqlException"/> is the statement's error.</param>
/// <param name="OnWriter">The answer in the log, where every node must give the same; null refuses it there.</param>
/// <param name="Pure">It follows from its arguments alone, and runs everywhere.</param>
public sealed record NodeFunction(
    string Name, int Arity, Func<IReadOnlyList<object?>, object?> Body, object? OnWriter = null, bool Pure = false);

/// <summary>A table of SQL whose rows are made when it is scanned, for statements that only read.</summary>
/// <param name="Columns">As in CREATE TABLE.</param>
/// <param name="Rows">A value for each column: null, a long, a double or a text.</param>
public sealed record NodeTable(string Name, string Columns, Func<IReadOnlyList<object?[]>> Rows);

/// <summary>The error of a statement that asks its node what it cannot tell.</summary>
public sealed class NodeSqlException(string message) : Exception(message);
