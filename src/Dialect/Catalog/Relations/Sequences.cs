using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The sequences with their options, which may change without the schema.</summary>
internal static class Sequences
{
    private static readonly byte[] s_query =
    [
        .. "SELECT name, data_type, start_value, min_value, max_value, increment_by, cycle, cache_size, last_value, is_called"u8,
        .. " FROM _rqlite_sequences"u8,
    ];

    public static SqlTable Create() => new CatalogTableBuilder<SequenceRow>("pg_catalog", "pg_sequence")
        .Key("seqrelid", row => row.Relation.Oid)
        .Column("seqtypid", row => row.Type)
        .Column("seqstart", row => row.Start)
        .Column("seqincrement", row => row.Increment)
        .Column("seqmax", row => row.Max)
        .Column("seqmin", row => row.Min)
        .Column("seqcache", row => row.Cache)
        .Column("seqcycle", row => row.Cycle)
        .Changing(Of)
        .Build();

    public static SqlTable CreateView() => new CatalogTableBuilder<SequenceRow>("pg_catalog", "pg_sequences")
        .Column("schemaname", row => row.Relation.Schema)
        .Key("sequencename", row => row.Relation.Name)
        .Column("sequenceowner", (_, view) => view.User)
        .Column("data_type", row => row.Type)
        .Column("start_value", row => row.Start)
        .Column("min_value", row => row.Min)
        .Column("max_value", row => row.Max)
        .Column("increment_by", row => row.Increment)
        .Column("cycle", row => row.Cycle)
        .Column("cache_size", row => row.Cache)
        .Column("last_value", row => row.IsCalled ? row.Last : Cell.Null)
        .Changing(Of)
        .Build();

    public static List<SequenceRow> Of(CatalogView view)
    {
        var known = view.Snapshot.Relations.Where(r => r.Kind == RelationKind.Sequence).ToDictionary(r => r.SqliteName, StringComparer.Ordinal);
        var rows = new List<SequenceRow>();
        if (known.Count == 0)
        {
            return rows;
        }

        view.Sql.Read(Statement.Ours(s_query), (in SqlRow row) =>
        {
            if (known.TryGetValue(Encoding.UTF8.GetString(row[0].Bytes), out var relation))
            {
                rows.Add(new SequenceRow(
                    relation, TypeOf(Encoding.UTF8.GetString(row[1].Bytes)), row[2].Integer, row[3].Integer, row[4].Integer,
                    row[5].Integer, row[6].Integer != 0, row[7].Integer, row[8].Integer, row[9].Integer != 0));
            }
        });
        rows.Sort((a, b) => a.Relation.Oid.CompareTo(b.Relation.Oid));
        return rows;
    }

    private static uint TypeOf(string name) => name switch
    {
        "smallint" => PgTypes.Int2,
        "integer" => PgTypes.Int4,
        _ => PgTypes.Int8,
    };
}

/// <param name="Type">The OID of smallint, integer or bigint.</param>
internal sealed record SequenceRow(
    Relation Relation, uint Type, long Start, long Min, long Max, long Increment, bool Cycle, long Cache, long Last, bool IsCalled);
