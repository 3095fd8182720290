using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// Views over a relation that changes. Their text in SQLite's dialect holds more of the relation than the columns that they name: all columns of a whole row,
/// what is NOT NULL, which keys are unique. So the text is made before and after, and replaced if it differs.
/// </summary>
internal static class DependentViews
{
    /// <summary>Adds the steps.</summary>
    /// <param name="before">The schema as the views were made for it.</param>
    /// <param name="relation">The OID of the relation that is another one in the definition's schema.</param>
    /// <param name="made">The OIDs of views that have been made anew already.</param>
    public static void Refresh(Definition definition, SchemaSnapshot before, uint relation, IReadOnlyCollection<uint>? made = null)
    {
        var after = (SchemaSnapshot)definition.Schema;
        foreach (var oid in Of(before, relation).Except(made ?? []))
        {
            if (before.FindRelation(oid) is { Definition: { } text } former && after.FindRelation(oid) is { Definition: { } now } view
                && !definition.Dropped.Contains(new ObjectAddress(ClassOids.PgClass, oid, 0)))
            {
                var sql = ViewSql.Of(definition, view, ViewSql.Bind(definition, now, after), after);
                if (sql != ViewSql.Of(definition, former, ViewSql.Bind(definition, text, before), before))
                {
                    definition.Call("_rqlite_rewrite_definition", "'view'", TableSql.Literal(view.SqliteName), TableSql.Literal(sql));
                }
            }
        }
    }

    /// <summary>The views that depend on a relation, and those that depend on these.</summary>
    private static List<uint> Of(SchemaSnapshot snapshot, uint relation)
    {
        var byRule = snapshot.Relations.Where(view => view.Kind == RelationKind.View && view.Rule != 0).ToDictionary(view => view.Rule, view => view.Oid);
        var users = PgDepend.Of(snapshot).Where(use => use.Object.Class == ClassOids.PgRewrite && use.Referenced.Class == ClassOids.PgClass)
            .ToLookup(use => use.Referenced.Object, use => byRule.GetValueOrDefault(use.Object.Object));
        List<uint> found = [relation];
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(users[found[i]].Where(view => view != 0 && !found.Contains(view)).Distinct().ToArray());
        }

        return found[1..];
    }
}
