using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Whether an expression may read rows that its own statement changes. PostgreSQL shows it those from before the statement; SQLite, which changes row after
/// row, those of the moment.
/// </summary>
internal static class ChangeTargets
{
    /// <summary>True if a query within an expression may read a table, or one whose rows a foreign key changes with it.</summary>
    public static bool MayBeRead(BoundExpression value, Relation table)
    {
        var queries = new Stack<BoundQuery>();
        Trees.Any(value, (e, _) =>
        {
            if (e is SubLink link)
            {
                queries.Push(link.Query);
            }

            return false;
        });
        while (queries.TryPop(out var query))
        {
            foreach (var relation in query.Relations)
            {
                // A view or a common table may hold anything.
                if (relation is CommonTableEntry || (relation is RelationEntry { Relation: var read } && MayChange(read, table)))
                {
                    return true;
                }
            }

            foreach (var inner in Trees.Queries(query))
            {
                queries.Push(inner);
            }
        }

        return false;
    }

    private static bool MayChange(Relation read, Relation table) => read.Kind switch
    {
        RelationKind.View => true,
        RelationKind.Table => read.Oid == table.Oid
            || read.Constraints.Any(static constraint => constraint is { Type: ConstraintType.ForeignKey } and ({ OnUpdate: not ('a' or 'r') } or { OnDelete: not ('a' or 'r') })),
        _ => false,
    };
}
