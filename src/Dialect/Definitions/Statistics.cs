using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// ANALYZE, as SQLite's: it gathers statistics of whole tables, so columns are only looked for, and of all tables where several are named. VACUUM without it
/// has nothing to do, since SQLite leaves no dead rows behind.
/// </summary>
internal sealed class Statistics(Definition definition)
{
    public Translation Translate(VacuumStatement statement)
    {
        var tag = statement.Analyze ? "ANALYZE" : "VACUUM";
        var tables = new HashSet<string>();
        foreach (var target in statement.Tables)
        {
            var table = definition.RequireRelation(target.Table.Name);
            if (table.Kind != RelationKind.Table)
            {
                definition.Warn(SqlState.Warning, $"skipping \"{table.Name}\" --- cannot {tag.ToLowerInvariant()} non-tables or special system tables");
                continue;
            }

            if (target.Columns.FirstOrDefault(name => !table.Attributes.Any(column => !column.Dropped && column.Name == name)) is { } missing)
            {
                throw definition.Error(SqlState.UndefinedColumn, $"column \"{missing}\" of relation \"{table.Name}\" does not exist");
            }

            tables.Add(table.SqliteName);
        }

        if ((statement.Analyze || statement.Options.Any(Asks)) && (tables.Count > 0 || statement.Tables.Count == 0))
        {
            definition.Step(tables.Count == 1 ? $"ANALYZE main.{TableSql.Quote(tables.First())}" : "ANALYZE");
        }

        return definition.Build(tag) with { Defines = false };
    }

    private static bool Asks(Option option) => option.Name is "analyze" or "analyse"
        && !(option.Value is Constant { Text: var text } && (text.ToLowerInvariant() is "off" or "false" or "0"));
}
