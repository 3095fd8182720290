namespace Rqlite.Pg.Dialect.Binding;

/// <summary>Where an expression stands, which decides what it may hold.</summary>
internal enum ExpressionKind : byte
{
    None,
    JoinOn,
    JoinUsing,
    FromSubselect,
    FromFunction,
    Where,
    Having,
    Filter,
    WindowPartition,
    WindowOrder,
    WindowFrameRange,
    WindowFrameRows,
    WindowFrameGroups,
    SelectTarget,
    InsertTarget,
    UpdateSource,
    UpdateTarget,
    GroupBy,
    OrderBy,
    DistinctOn,
    Limit,
    Offset,
    Returning,
    Values,

    /// <summary>The only row of VALUES in an INSERT, which is bound like a select list.</summary>
    ValuesSingle,
    CheckConstraint,
    DomainCheck,
    ColumnDefault,
    IndexExpression,
    IndexPredicate,
    AlterColumnTransform,
    ExecuteParameter,
    CopyWhere,
    GeneratedColumn,
}

internal static class ExpressionKinds
{
    /// <summary>The construct's name in messages.</summary>
    public static string NameOf(ExpressionKind kind) => kind switch
    {
        ExpressionKind.JoinOn => "JOIN/ON",
        ExpressionKind.JoinUsing => "JOIN/USING",
        ExpressionKind.FromSubselect => "sub-SELECT in FROM",
        ExpressionKind.FromFunction => "function in FROM",
        ExpressionKind.Where or ExpressionKind.CopyWhere => "WHERE",
        ExpressionKind.Having => "HAVING",
        ExpressionKind.Filter => "FILTER",
        ExpressionKind.WindowPartition => "window PARTITION BY",
        ExpressionKind.WindowOrder => "window ORDER BY",
        ExpressionKind.WindowFrameRange => "window RANGE",
        ExpressionKind.WindowFrameRows => "window ROWS",
        ExpressionKind.WindowFrameGroups => "window GROUPS",
        ExpressionKind.SelectTarget => "SELECT",
        ExpressionKind.InsertTarget => "INSERT",
        ExpressionKind.UpdateSource or ExpressionKind.UpdateTarget => "UPDATE",
        ExpressionKind.GroupBy => "GROUP BY",
        ExpressionKind.OrderBy => "ORDER BY",
        ExpressionKind.DistinctOn => "DISTINCT ON",
        ExpressionKind.Limit => "LIMIT",
        ExpressionKind.Offset => "OFFSET",
        ExpressionKind.Returning => "RETURNING",
        ExpressionKind.Values or ExpressionKind.ValuesSingle => "VALUES",
        ExpressionKind.CheckConstraint or ExpressionKind.DomainCheck => "CHECK",
        ExpressionKind.ColumnDefault => "DEFAULT",
        ExpressionKind.IndexExpression => "index expression",
        ExpressionKind.IndexPredicate => "index predicate",
        ExpressionKind.AlterColumnTransform => "USING",
        ExpressionKind.ExecuteParameter => "EXECUTE",
        ExpressionKind.GeneratedColumn => "GENERATED AS",
        _ => "expression",
    };

    /// <summary>The plural phrase that messages about aggregates, window functions and sets use where the keyword alone does not tell.</summary>
    public static string? PhraseOf(ExpressionKind kind) => kind switch
    {
        ExpressionKind.JoinOn or ExpressionKind.JoinUsing => "JOIN conditions",
        ExpressionKind.CheckConstraint or ExpressionKind.DomainCheck => "check constraints",
        ExpressionKind.ColumnDefault => "DEFAULT expressions",
        ExpressionKind.IndexExpression => "index expressions",
        ExpressionKind.IndexPredicate => "index predicates",
        ExpressionKind.AlterColumnTransform => "transform expressions",
        ExpressionKind.ExecuteParameter => "EXECUTE parameters",
        ExpressionKind.CopyWhere => "COPY FROM WHERE conditions",
        ExpressionKind.GeneratedColumn => "column generation expressions",
        _ => null,
    };

    /// <summary>The construct as the message about a subquery in it names it; null where subqueries are allowed.</summary>
    public static string? SubqueryRefusal(ExpressionKind kind) => kind switch
    {
        ExpressionKind.CheckConstraint or ExpressionKind.DomainCheck => "check constraint",
        ExpressionKind.ColumnDefault => "DEFAULT expression",
        ExpressionKind.IndexExpression => "index expression",
        ExpressionKind.IndexPredicate => "index predicate",
        ExpressionKind.AlterColumnTransform => "transform expression",
        ExpressionKind.ExecuteParameter => "EXECUTE parameter",
        ExpressionKind.CopyWhere => "COPY FROM WHERE condition",
        ExpressionKind.GeneratedColumn => "column generation expression",
        _ => null,
    };
}
