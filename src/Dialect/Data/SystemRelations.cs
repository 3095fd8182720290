using System.Collections.Frozen;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>
/// The relations of pg_catalog and information_schema with their columns and the OIDs that they have in PostgreSQL 15, from the embedded
/// Data/pg-relations.tsv.
/// </summary>
internal static class SystemRelations
{
    private static readonly Lazy<Tables> s_tables = new(Load);

    public static IReadOnlyList<SystemRelation> All => s_tables.Value.All;

    public static SystemRelation? Find(string schema, string name) => s_tables.Value.ByName.GetValueOrDefault((schema, name));

    public static SystemRelation? Find(uint oid) => s_tables.Value.ByOid.GetValueOrDefault(oid);

    private static Tables Load()
    {
        SystemRelation[] all = [.. TableFile.Read("pg-relations.tsv").Select(ReadRow)];
        return new Tables(all, all.ToFrozenDictionary(r => (r.Schema, r.Name)), all.ToFrozenDictionary(r => r.Oid));
    }

    private static SystemRelation ReadRow(string[] f) => new(
        f[0], f[1], TableFile.Oid(f[2]), f[3][0], TableFile.Oid(f[4]), TableFile.Oid(f[5]), f[6] == "t", [.. f[7].Split(' ').Select(ReadColumn)]);

    // name:type, and after another colon n for NOT NULL, d for the dimension of an array, and a collation that is not the type's.
    private static SystemColumn ReadColumn(string text)
    {
        var parts = text.Split(':');
        var type = TableFile.Oid(parts[1]);
        var flags = parts.Length > 2 ? parts[2] : "";
        var collation = flags.TrimStart('n', 'd');
        return new SystemColumn(
            parts[0], type, flags.StartsWith('n'), flags.Contains('d', StringComparison.Ordinal) ? (short)1 : (short)0,
            collation.Length > 0 ? TableFile.Oid(collation) : SystemDomains.Find(type)?.Collation ?? PgTypes.Find(type)!.CollationOid);
    }

    private sealed record Tables(
        SystemRelation[] All, FrozenDictionary<(string Schema, string Name), SystemRelation> ByName, FrozenDictionary<uint, SystemRelation> ByOid);
}

/// <summary>A relation that every database has.</summary>
/// <param name="Kind">The character of relkind: r for a table, v for a view.</param>
/// <param name="ArrayType">The array of its row type.</param>
/// <param name="Shared">It has the same rows in all databases of a cluster.</param>
internal sealed record SystemRelation(
    string Schema, string Name, uint Oid, char Kind, uint RowType, uint ArrayType, bool Shared, IReadOnlyList<SystemColumn> Columns)
{
    /// <summary>The name of the virtual table, which is private but for the one that the database itself has.</summary>
    public string SqliteName { get; } = Name == "pg_stat_replication" ? Name : $"_{Schema}_{Name}";
}

internal sealed record SystemColumn(string Name, uint Type, bool NotNull, short Dimensions, uint Collation);
