using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

/// <summary>What PostgreSQL 15 shows in its catalogs for Data/schema.sql. OIDs that differ by database are replaced by what they name.</summary>
internal sealed partial class RecordedCatalog
{
    private const uint FirstOwn = 16384;

    private readonly Dictionary<string, string> _oids = [];

    private RecordedCatalog()
    {
    }

    public Dictionary<string, (string[] Columns, List<string?[]> Rows)> Relations { get; } = [];

    public static RecordedCatalog Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("catalog.tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var recorded = new RecordedCatalog();
        List<string?[]>? rows = null;
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split('\t');
            if (line.StartsWith('#'))
            {
                rows = [];
                recorded.Relations[fields[0][1..]] = (fields[1..], rows);
            }
            else
            {
                rows!.Add([.. fields.Select(Unescape)]);
            }
        }

        recorded.Relations.Remove("oids", out var oids);
        foreach (var row in oids.Rows)
        {
            recorded._oids[row[0]!] = row[1]!;
        }

        return recorded;
    }

    /// <summary>The rows of a relation with names for OIDs, sorted.</summary>
    public string[] Rows(string relation, IReadOnlyList<string> columns)
    {
        var (all, rows) = Relations[relation];
        return Named(relation, all, rows, columns, _oids);
    }

    /// <param name="columns">The columns that are compared.</param>
    /// <param name="oids">The names of OIDs.</param>
    public static string[] Named(
        string relation, string[] all, IEnumerable<string?[]> rows, IReadOnlyList<string> columns, IReadOnlyDictionary<string, string> oids)
    {
        var parts = relation.Split('.');
        var types = SystemRelations.Find(parts[0], parts[1])!.Columns.Select(column => column.Type).ToArray();
        var indexes = columns.Select(column => Array.IndexOf(all, column)).ToArray();
        return [.. rows.Select(row => string.Join('|', indexes.Select(i => $"{all[i]}={Name(row[i], types[i], oids)}"))).Order(StringComparer.Ordinal)];
    }

    private static string Name(string? value, uint type, IReadOnlyDictionary<string, string> oids) => value is null ? "NULL"
        : type is PgTypes.Oid or PgTypes.RegProc or PgTypes.RegType or PgTypes.OidVector or 1028 or 13226
            ? Numbers().Replace(value, match => uint.TryParse(match.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var oid) && oid >= FirstOwn
                ? $"<{oids.GetValueOrDefault(match.Value, match.Value)}>"
                : match.Value)
            : value;

    private static string? Unescape(string field) => field == "\\N" ? null
        : field.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);

    [GeneratedRegex(@"(?<![a-zA-Z0-9])\d{5,10}(?![a-zA-Z0-9])")]
    private static partial Regex Numbers();
}
