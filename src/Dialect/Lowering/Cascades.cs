using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// What foreign keys change of a table when its own rows are changed. SQLite carries their actions out row by row, within the statement; PostgreSQL behind
/// it, so that the statement does not see them.
/// </summary>
internal static class Cascades
{
    /// <summary>True if deleting rows of a table may delete or change others of its rows.</summary>
    public static bool ReachBack(Relation table, ISchema schema)
    {
        var reached = false;
        Walk(new Step(table, Deleted: true, []), table, schema, _ => reached = true);
        return reached;
    }

    /// <summary>The columns of a table that may be changed in others of its rows when some of its columns are.</summary>
    public static IReadOnlySet<short> ChangedColumns(Relation table, IReadOnlyCollection<short> columns, ISchema schema)
    {
        var changed = new HashSet<short>();
        Walk(new Step(table, Deleted: false, columns), table, schema, step => changed.UnionWith(step.Columns));
        return changed;
    }

    /// <param name="found">Called for each action on rows of the table that the walk began with.</param>
    private static void Walk(Step first, Relation table, ISchema schema, Action<Step> found)
    {
        if (schema is not SchemaSnapshot snapshot)
        {
            return;
        }

        (Relation Table, ConstraintInfo Key)[] acting =
        [
            .. snapshot.Relations.SelectMany(static child => child.Constraints, static (child, key) => (child, key))
                .Where(static pair => pair.key.Type == ConstraintType.ForeignKey && (Acts(pair.key.OnDelete) || Acts(pair.key.OnUpdate))),
        ];
        var open = new Queue<Step>([first]);
        var seen = new HashSet<(uint Key, bool Deleted)>();
        while (open.TryDequeue(out var step))
        {
            foreach (var (child, key) in acting)
            {
                var action = key.ReferencedOid == step.Table.Oid ? ActionOf(key, step) : 'a';
                if (!Acts(action))
                {
                    continue;
                }

                var next = new Step(child, step.Deleted && action == 'c', key.Columns);
                if (!seen.Add((key.Oid, next.Deleted)))
                {
                    continue;
                }

                if (child.Oid == table.Oid)
                {
                    found(next);
                }

                open.Enqueue(next);
            }
        }
    }

    private static char ActionOf(ConstraintInfo key, Step step) => step.Deleted ? key.OnDelete
        : key.ReferencedColumns.Any(step.Columns.Contains) ? key.OnUpdate : 'a';

    private static bool Acts(char action) => action is 'c' or 'n' or 'd';

    /// <summary>Rows of a table that are deleted, or of which some columns are changed.</summary>
    private sealed record Step(Relation Table, bool Deleted, IReadOnlyCollection<short> Columns);
}
