using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The columns of all relations, with the system columns of tables, and their defaults.</summary>
internal static class PgAttribute
{
    private static readonly Attribute[] s_systemColumns =
    [
        new(-6, "tableoid", new PgType(PgTypes.Oid), 0) { NotNull = true },
        new(-5, "cmax", new PgType(PgTypes.Cid), 0) { NotNull = true },
        new(-4, "xmax", new PgType(PgTypes.Xid), 0) { NotNull = true },
        new(-3, "cmin", new PgType(PgTypes.Cid), 0) { NotNull = true },
        new(-2, "xmin", new PgType(PgTypes.Xid), 0) { NotNull = true },
        new(-1, "ctid", new PgType(PgTypes.Tid), 0) { NotNull = true },
    ];

    public static SqlTable Create() => new CatalogTableBuilder<ColumnRow>("pg_catalog", "pg_attribute")
        .Key("attrelid", row => row.Relation.Oid)
        .Key("attname", row => NameOf(row.Attribute))
        .Column("atttypid", row => row.Attribute.Dropped ? 0 : row.Attribute.Type.Oid)
        .Column("attstattarget", row => row.Attribute.Dropped || row.Attribute.Number < 0 ? 0 : -1)
        .Column("attlen", (row, view) => Type(row, view)?.Length ?? -1)
        .Column("attnum", row => row.Attribute.Number)
        .Column("attndims", row => row.Attribute.Dimensions)
        .Column("atttypmod", row => row.Attribute.Type.Modifier)
        .Column("attbyval", (row, view) => Type(row, view)?.ByValue ?? false)
        .Column("attalign", (row, view) => Type(row, view)?.Align ?? 'i')
        .Column("attstorage", (row, view) => Type(row, view)?.Storage ?? 'x')
        .Column("attnotnull", row => row.Attribute.NotNull && row.Relation.Kind != RelationKind.Index)
        .Column("atthasdef", row => HasDefault(row.Attribute))
        .Column("attidentity", row => row.Attribute.Identity switch { IdentityKind.Always => 'a', IdentityKind.ByDefault => 'd', _ => '\0' })
        .Column("attgenerated", row => row.Attribute.Generated ? 's' : '\0')
        .Column("attisdropped", row => row.Attribute.Dropped)
        .Column("attcollation", row => row.Attribute.Collation)
        .Same(-1, "attcacheoff")
        .Same('\0', "attcompression")
        .Same(false, "atthasmissing")
        .Same(true, "attislocal")
        .Same(0, "attinhcount")
        .Null("attacl", "attoptions", "attfdwoptions", "attmissingval")
        .Common(() => SystemCatalog.Relations.SelectMany(ColumnsOf))
        .Rows(snapshot => snapshot.Relations.SelectMany(ColumnsOf))
        .Build();

    public static SqlTable CreateDefaults() => new CatalogTableBuilder<ColumnRow>("pg_catalog", "pg_attrdef")
        .Key("oid", row => row.Attribute.DefaultOid)
        .Key("adrelid", row => row.Relation.Oid)
        .Column("adnum", row => row.Attribute.Number)
        .Column("adbin", row => row.Attribute.Default ?? row.Attribute.NativeDefault)
        .Rows(snapshot => snapshot.Relations.SelectMany(r => r.Attributes.Where(HasDefault).Select(a => new ColumnRow(r, a))))
        .Build();

    public static bool HasDefault(Attribute attribute) => !attribute.Dropped && attribute.DefaultOid != 0;

    private static IEnumerable<ColumnRow> ColumnsOf(Relation relation)
    {
        var system = PgClass.KindOf(relation) is 'r' or 'S' ? s_systemColumns : [];
        return system.Concat(relation.Attributes).Select(attribute => new ColumnRow(relation, attribute));
    }

    private static string NameOf(Attribute attribute) => attribute.Dropped
        ? string.Create(CultureInfo.InvariantCulture, $"........pg.dropped.{attribute.Number}........")
        : attribute.Name;

    private static TypeFacts? Type(ColumnRow row, CatalogView view) => TypeFacts.Find(view.Snapshot, row.Attribute.Type.Oid);
}

/// <summary>A column of a relation.</summary>
internal sealed record ColumnRow(Relation Relation, Attribute Attribute);
