namespace Rqlite.Pg.Dialect.Data;

/// <summary>The rows of catalogs that no statement changes, from the embedded Data/pg-rows.tsv.</summary>
internal static class StaticRows
{
    private static readonly Lazy<Dictionary<string, List<StaticRow>>> s_rows = new(Load);

    /// <param name="relation">The name of a relation of pg_catalog.</param>
    public static IReadOnlyList<StaticRow> Of(string relation) => s_rows.Value[relation];

    // Each relation begins with a line that has its name behind a number sign.
    private static Dictionary<string, List<StaticRow>> Load()
    {
        var all = new Dictionary<string, List<StaticRow>>(StringComparer.Ordinal);
        List<StaticRow> rows = [];
        foreach (var line in TableFile.Lines("pg-rows.tsv"))
        {
            if (line.StartsWith('#'))
            {
                all[line[1..]] = rows = [];
            }
            else
            {
                rows.Add(new StaticRow(line.Split('\t')));
            }
        }

        return all;
    }
}

/// <summary>A row, whose fields are as COPY writes them.</summary>
internal sealed class StaticRow(string[] fields)
{
    public string? Text(int column) => fields[column] == "\\N" ? null : fields[column];

    public int Count => fields.Length;

    public uint Oid(int column) => TableFile.Oid(fields[column]);
}
