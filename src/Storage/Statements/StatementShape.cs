namespace Rqlite.Pg.Storage;

/// <summary>The properties of a statement that are known before it runs.</summary>
/// <param name="Error">Set if the statement cannot be prepared; the other members are then empty.</param>
/// <param name="ReadOnly">The result of <c>sqlite3_stmt_readonly</c>, and no function with effects is named.</param>
/// <param name="Explain">An EXPLAIN or EXPLAIN QUERY PLAN.</param>
/// <param name="Empty">White space and comments only.</param>
/// <param name="ParameterNames">A name with its prefix for each parameter, or null where it has none.</param>
/// <param name="Rows">The columns; none for a statement without rows.</param>
/// <param name="TailOffset">Byte offset after the first statement of the text.</param>
public sealed record StatementShape(
    StatementError? Error, bool ReadOnly, bool Explain, bool Empty, IReadOnlyList<string?> ParameterNames, RowSchema Rows, int TailOffset)
{
    /// <summary>A command without columns that is lowered to a statement of ours (<see cref="Statement.Ours"/>).</summary>
    public static StatementShape Command { get; } = new(null, false, false, false, [], RowSchema.Empty, 0)
    {
        Effects = StatementEffects.Sequences | StatementEffects.SessionValues | StatementEffects.Notifications,
    };

    /// <summary>The shape of a statement that cannot be prepared.</summary>
    internal static StatementShape Failed(StatementError error, int length) => new(error, false, false, false, [], RowSchema.Empty, length);

    /// <summary>The shape of a text without a statement.</summary>
    internal static StatementShape None(int length) => new(null, true, false, true, [], RowSchema.Empty, length);

    /// <summary>The schema that the description holds for; 0 if it depends on none.</summary>
    public long SchemaVersion { get; init; }

    /// <summary>The effects of the functions that the statement names.</summary>
    public StatementEffects Effects { get; init; }

    /// <summary>Whether the statement asks the node that it runs on.</summary>
    public NodeUse NodeUse { get; init; }

    /// <summary>The sources that the statement's answer may depend on.</summary>
    public AnswerSources Sources { get; init; }
}
