using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>TRUNCATE, as deletions from the tables that refer to others before those.</summary>
internal sealed class Truncation(Definition definition)
{
    public Translation Translate(TruncateStatement statement)
    {
        var tables = new List<Relation>();
        foreach (var reference in statement.Tables)
        {
            var table = definition.RequireRelation(reference.Name);
            if (table.Kind == RelationKind.Catalog)
            {
                throw definition.Error(SqlState.InsufficientPrivilege, $"permission denied: \"{table.Name}\" is a system catalog");
            }

            if (table.Kind != RelationKind.Table)
            {
                throw definition.Error(SqlState.WrongObjectType, $"\"{table.Name}\" is not a table");
            }

            if (!tables.Contains(table))
            {
                tables.Add(table);
            }
        }

        AddReferencing(tables, statement.Behavior == DropBehavior.Cascade);
        foreach (var table in InOrder(tables))
        {
            definition.Step($"DELETE FROM {TableSql.Quote(table.SqliteName)}");
        }

        foreach (var sequence in tables.SelectMany(table => table.Attributes).Select(column => column.OwnedSequence).OfType<string>())
        {
            if (statement.RestartIdentity)
            {
                definition.Call("_rqlite_alter_sequence", TableSql.Literal(sequence), "0", "'restart'", "NULL");
            }
        }

        return definition.Build("TRUNCATE TABLE") with { Defines = false };
    }

    private void AddReferencing(List<Relation> tables, bool cascade)
    {
        if (definition.Schema is not SchemaSnapshot snapshot)
        {
            return;
        }

        for (var i = 0; i < tables.Count; i++)
        {
            foreach (var other in snapshot.Relations.Where(r => RefersTo(r, tables[i]) && !tables.Contains(r)))
            {
                if (!cascade)
                {
                    throw definition.Error(
                        SqlState.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint",
                        detail: $"Table \"{other.Name}\" references \"{tables[i].Name}\".",
                        hint: $"Truncate table \"{other.Name}\" at the same time, or use TRUNCATE ... CASCADE.");
                }

                definition.Notify("00000", $"truncate cascades to table \"{other.Name}\"");
                tables.Add(other);
            }
        }
    }

    private static bool RefersTo(Relation table, Relation target) => table.Constraints.Any(constraint => constraint.ReferencedOid == target.Oid);

    /// <summary>Tables before those that they refer to, so that no foreign key acts on the deletions.</summary>
    private List<Relation> InOrder(List<Relation> tables)
    {
        var left = new List<Relation>(tables);
        var ordered = new List<Relation>();
        while (left.Count > 0)
        {
            var free = left.Find(table => !left.Exists(other => other != table && RefersTo(other, table)))
                ?? throw definition.NotSupported("TRUNCATE of tables that refer to each other is");
            if (free.Constraints.Any(constraint => constraint.ReferencedOid == free.Oid && constraint.OnDelete == 'r'))
            {
                throw definition.NotSupported("TRUNCATE of a table that refers to itself with ON DELETE RESTRICT is");
            }

            left.Remove(free);
            ordered.Add(free);
        }

        return ordered;
    }
}
