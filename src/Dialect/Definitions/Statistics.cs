using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>ANALYZE, as SQLite's. It gathers statistics of whole tables, so columns are only looked for, and of all tables where several are named.</summary>
internal sealed class Statistics(Definition definition)
{
    /// <returns>Null for VACUUM.</returns>
    public Translation? Translate(VacuumStatement statement)
    {
        if (!statement.Analyze)
        {
            return null;
        }

        var tables = new HashSet<string>();
        foreach (var target in statement.Tables)
        {
            var table = definition.RequireRelation(target.Table.Name);
            if (table.Kind != RelationKind.Table)
            {
                definition.Warn(SqlState.Warning, $"skipping \"{table.Name}\" --- cannot analyze non-tables or special system tables");
                continue;
            }

            if (target.Columns.FirstOrDefault(name => !table.Attributes.Any(column => !column.Dropped && column.Name == name)) is { } missing)
            {
                throw definition.Error(SqlState.UndefinedColumn, $"column \"{missing}\" of relation \"{table.Name}\" does not exist");
            }

            tables.Add(table.SqliteName);
        }

        if (tables.Count > 0 || statement.Tables.Count == 0)
        {
            definition.Step(tables.Count == 1 ? $"ANALYZE main.{TableSql.Quote(tables.First())}" : "ANALYZE");
        }

        return definition.Build("ANALYZE") with { Defines = false };
    }
}
