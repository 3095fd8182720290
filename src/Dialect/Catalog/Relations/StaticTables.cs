using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Catalogs that have the same rows in every database, and those that have none.</summary>
internal static class StaticTables
{
    /// <summary>A relation whose rows are those of <see cref="StaticRows"/>; columns that they do not have are null.</summary>
    public static SqlTable Create(string name, Func<StaticRow, bool>? works = null, params ReadOnlySpan<string> keys)
    {
        var relation = SystemRelations.Find("pg_catalog", name)!;
        var rows = StaticRows.Of(name);
        var builder = new CatalogTableBuilder<StaticRow>("pg_catalog", name).Common(() => rows.Where(row => works?.Invoke(row) ?? true));
        for (var i = 0; i < relation.Columns.Count && i < rows[0].Count; i++)
        {
            var column = i;
            var (columnName, type) = (relation.Columns[i].Name, relation.Columns[i].Type);
            _ = keys.Contains(columnName)
                ? builder.Key(columnName, row => Read(row, column, type))
                : builder.Column(columnName, row => Read(row, column, type));
        }

        return builder.OthersNull().Build();
    }

    /// <summary>A relation of objects that this server does not have.</summary>
    public static SqlTable Empty(SystemRelation relation) =>
        new CatalogTableBuilder<StaticRow>(relation.Schema, relation.Name).OthersNull().Build();

    private static Cell Read(StaticRow row, int column, uint type) => row.Text(column) is not { } text ? Cell.Null : type switch
    {
        PgTypes.Bool => text == "t",
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Oid or PgTypes.RegProc => long.Parse(text, CultureInfo.InvariantCulture),
        _ => text,
    };
}
