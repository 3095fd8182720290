using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The names that output columns have without AS (FigureColname).</summary>
internal static class OutputNames
{
    private const string Unnamed = "?column?";

    // How much a name says: that of a cast's type gives way to one that its operand has.
    private const int Weak = 1;
    private const int Strong = 2;

    /// <param name="subqueries">The names of the columns of scalar subqueries that have been bound.</param>
    public static string Of(Expression expression, IReadOnlyDictionary<SubqueryExpression, string?> subqueries) =>
        Find(expression, subqueries).Name ?? Unnamed;

    private static (string? Name, int Strength) Find(Expression expression, IReadOnlyDictionary<SubqueryExpression, string?> subqueries)
    {
        string? fallback = null;
        while (true)
        {
            switch (expression)
            {
                case TypeCast cast:
                    fallback = fallback is null || cast.Operand is TypeCast ? fallback ?? cast.Type.Names[^1] : fallback;
                    expression = cast.Operand;
                    continue;
                case CollateExpression collate:
                    expression = collate.Operand;
                    continue;
                case Indirection indirection when LastField(indirection) is null:
                    expression = indirection.Operand;
                    continue;
                case CaseExpression @case:
                    fallback ??= "case";
                    if (@case.Else is null)
                    {
                        return (fallback, Weak);
                    }

                    expression = @case.Else;
                    continue;
            }

            var own = OwnName(expression, subqueries);
            return own is null ? (fallback, fallback is null ? 0 : Weak)
                : (own, Strong);
        }
    }

    private static string? LastField(Indirection indirection) =>
        indirection.Steps.OfType<FieldStep>().LastOrDefault()?.Name;

    private static string? OwnName(Expression expression, IReadOnlyDictionary<SubqueryExpression, string?> subqueries) => expression switch
    {
        ColumnReference { Names: [.., var last] } => last,
        Indirection indirection => LastField(indirection),
        FunctionCall call => call.Name[^1],
        NullIfExpression => "nullif",
        GroupingCall => "grouping",
        SubqueryExpression { Kind: SubqueryKind.Exists } => "exists",
        SubqueryExpression { Kind: SubqueryKind.Array } or ArrayConstructor => "array",
        SubqueryExpression { Kind: SubqueryKind.Scalar } subquery => subqueries.GetValueOrDefault(subquery),
        RowConstructor => "row",
        CoalesceExpression => "coalesce",
        ExtremeExpression extreme => extreme.Greatest ? "greatest" : "least",
        SqlValueFunction function => NameOf(function.Kind),
        _ => null,
    };

    private static string NameOf(SqlValueKind kind) => kind switch
    {
        SqlValueKind.CurrentDate => "current_date",
        SqlValueKind.CurrentTime => "current_time",
        SqlValueKind.CurrentTimestamp => "current_timestamp",
        SqlValueKind.Localtime => "localtime",
        SqlValueKind.Localtimestamp => "localtimestamp",
        SqlValueKind.CurrentRole => "current_role",
        SqlValueKind.CurrentUser => "current_user",
        SqlValueKind.User => "user",
        SqlValueKind.SessionUser => "session_user",
        SqlValueKind.CurrentCatalog => "current_catalog",
        _ => "current_schema",
    };
}
