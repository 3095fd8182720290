using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// Gives every node the collation of its result and of its inputs, once all of a query's expressions are made (PostgreSQL's
/// parse_collate.c). Subqueries have theirs already.
/// </summary>
internal static class Collations
{
    /// <exception cref="DialectException">42P21: explicit collations differ; 42P22: a function cannot tell which one to use.</exception>
    public static BoundQuery Assign(BoundQuery query, BindContext context)
    {
        var walker = new CollationWalker(context);
        return query with
        {
            From = Each(query.From, walker.AssignFrom),
            Where = walker.AssignOptional(query.Where),
            Targets = Each(query.Targets, walker.Assign),
            Having = walker.AssignOptional(query.Having),
            Windows = Each(query.Windows, window => window with
            {
                StartOffset = walker.AssignOptional(window.StartOffset),
                EndOffset = walker.AssignOptional(window.EndOffset),
            }),
            Offset = walker.AssignOptional(query.Offset),
            Limit = walker.AssignOptional(query.Limit),
            OnConflict = query.OnConflict is { } conflict ? conflict with
            {
                Set = conflict.Set is { } set ? Each(set, walker.Assign) : null,
                Where = walker.AssignOptional(conflict.Where),
            } : null,
            Returning = Each(query.Returning, walker.Assign),
        };
    }

    public static BoundExpression Assign(BoundExpression expression, BindContext context) =>
        new CollationWalker(context).Assign(expression);

    /// <summary>
    /// The collation that several values have in common, as those of a column of VALUES or UNION (select_common_collation).
    /// </summary>
    /// <param name="noneOk">A conflict of implicit collations is not an error but gives 0.</param>
    /// <exception cref="DialectException">42P21.</exception>
    public static uint Common(IReadOnlyList<BoundExpression> values, bool noneOk, BindContext context)
    {
        var walker = new CollationWalker(context);
        var state = default(CollationState);
        foreach (var value in values)
        {
            _ = walker.Walk(value, ref state);
        }

        return state.Strength != CollationStrength.Conflict ? state.Collation
            : noneOk ? 0u
            : throw walker.Mismatch(state);
    }

    internal static NodeList<T> Each<T>(NodeList<T> items, Func<T, T> change)
        where T : class
    {
        T[]? changed = null;
        for (var i = 0; i < items.Count; i++)
        {
            var item = change(items[i]);
            if (!ReferenceEquals(item, items[i]))
            {
                changed ??= items.Span.ToArray();
                changed[i] = item;
            }
        }

        return changed is null ? items : NodeList.Create<T>(changed);
    }
}
