using System.Globalization;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>Domains, and the elements of arrays.</summary>
internal static class Domains
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return InfoBuilder.For<TypeFacts>("domains")
            .Catalog("domain_catalog")
            .Column("domain_schema", (domain, view) => Type(domain, view).DomainSchema)
            .Key("domain_name", domain => domain.Name)
            .Type((domain, view) => Type(domain, view))
            .Collation(domain => InfoType.CollationName(domain.Collation))
            .Column("domain_default", domain => domain.Default)
            .Same("1", "dtd_identifier")
            .Common(() => TypeFacts.Common.Where(type => type.Kind == 'd'))
            .Rows(DomainsOf)
            .Build();
        yield return InfoBuilder.For<TypeFacts>("domain_udt_usage")
            .Catalog("udt_catalog", "domain_catalog")
            .Column("udt_schema", (domain, view) => Type(domain, view).UdtSchema)
            .Column("udt_name", (domain, view) => Type(domain, view).UdtName)
            .Column("domain_schema", (domain, view) => Type(domain, view).DomainSchema)
            .Key("domain_name", domain => domain.Name)
            .Common(() => TypeFacts.Common.Where(type => type.Kind == 'd'))
            .Rows(DomainsOf)
            .Build();
        yield return InfoBuilder.For<InfoColumn>("element_types")
            .Catalog("object_catalog")
            .Column("object_schema", row => row.Relation.Schema)
            .Key("object_name", row => row.Relation.Name)
            .Same("TABLE", "object_type")
            .Column("collection_type_identifier", row => InfoType.Number(row.Attribute.Number))
            .Column("data_type", (row, view) => Element(row, view).DataType)
            .Column("udt_catalog", (_, view) => view.Database)
            .Column("udt_schema", (row, view) => Element(row, view).UdtSchema)
            .Column("udt_name", (row, view) => Element(row, view).UdtName)
            .Column("dtd_identifier", row => string.Create(CultureInfo.InvariantCulture, $"a{row.Attribute.Number}"))
            .OthersNull()
            .Common(() => SystemCatalog.Relations.SelectMany(Columns.Of).Where(row => PgTypes.ElementOf(row.Attribute.Type.Oid) != 0))
            .Rows(snapshot => snapshot.Relations.SelectMany(Columns.Of).Where(row => new InfoType(snapshot, row.Attribute.Type).IsArray))
            .Build();
        yield return InfoBuilder.For<Described>("data_type_privileges")
            .Catalog("object_catalog")
            .Column("object_schema", row => row.Schema)
            .Key("object_name", row => row.Name)
            .Column("object_type", row => row.Kind)
            .Column("dtd_identifier", row => row.Identifier)
            .Common(() => SystemCatalog.Relations.SelectMany(Columns.Of).Select(Describe))
            .Rows(snapshot => snapshot.Relations.SelectMany(Columns.Of).Select(Describe).Concat(
                snapshot.Types.Where(type => type.Kind == 'd').Select(type => new Described(type.Schema, type.Name, "DOMAIN", "1"))))
            .Build();
    }

    private static IEnumerable<TypeFacts> DomainsOf(SchemaSnapshot snapshot) => TypeFacts.Of(snapshot).Where(type => type.Kind == 'd');

    private static InfoType Type(TypeFacts domain, CatalogView view) => new(view.Snapshot, new PgType(domain.Oid));

    private static InfoType Element(InfoColumn row, CatalogView view) => new(view.Snapshot, new PgType(row.Type(view).Facts.Element));

    private static Described Describe(InfoColumn row) => new(row.Relation.Schema, row.Relation.Name, "TABLE", InfoType.Number(row.Attribute.Number));

    private sealed record Described(string Schema, string Name, string Kind, string Identifier);
}
