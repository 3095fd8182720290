using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>Makes SQLite's statements of bound ones.</summary>
internal static class Lowerer
{
    /// <exception cref="DialectException">0A000 for what SQLite cannot do here; 54000 and 54001 for what is too large for it.</exception>
    public static LoweredQuery Lower(BoundQuery query, LoweringContext context)
    {
        query = VolatileStages.WithViews(query, context);
        var lowered = new QueryLowering(context with { Volatile = Trees.IsVolatile(query) }).Lower(query);
        return context.Lifting is { } lifting ? lowered with { Steps = lifting.Settle(lowered.Steps) } : lowered;
    }

    /// <summary>
    /// An expression over the columns of one table, which is relation 1 of its query, as SQL in which the columns stand without the table's name: the
    /// bodies of CHECK, DEFAULT, generated columns and indexes.
    /// </summary>
    public static string LowerExpression(BoundExpression expression, Relation? table, LoweringContext context)
    {
        var lowering = new QueryLowering(context with { InDefinition = true, Lifting = null });
        return lowering.LowerExpression(expression, table);
    }
}
