using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>The columns of tables and views, and what their types are.</summary>
internal static class Columns
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return CreateColumns();
        yield return InfoBuilder.For<InfoColumn>("column_udt_usage")
            .Catalog("udt_catalog", "table_catalog")
            .Column("udt_schema", (row, view) => row.Type(view).UdtSchema)
            .Column("udt_name", (row, view) => row.Type(view).UdtName)
            .Column("table_schema", row => row.Relation.Schema)
            .Key("table_name", row => row.Relation.Name)
            .Column("column_name", row => row.Attribute.Name)
            .Common(() => SystemCatalog.Relations.SelectMany(Of))
            .Rows(snapshot => snapshot.Relations.SelectMany(Of))
            .Build();
        yield return InfoBuilder.For<InfoColumn>("column_domain_usage")
            .Catalog("domain_catalog", "table_catalog")
            .Column("domain_schema", (row, view) => row.Type(view).DomainSchema)
            .Column("domain_name", (row, view) => row.Type(view).Domain!.Name)
            .Column("table_schema", row => row.Relation.Schema)
            .Key("table_name", row => row.Relation.Name)
            .Column("column_name", row => row.Attribute.Name)
            .Common(() => SystemCatalog.Relations.SelectMany(Of).Where(row => SystemCatalog.FindType(row.Attribute.Type.Oid)?.Kind == 'd'))
            .Rows(snapshot => snapshot.Relations.SelectMany(Of).Where(row => snapshot.FindType(row.Attribute.Type.Oid)?.Kind == 'd'))
            .Build();
        yield return InfoBuilder.For<Generation>("column_column_usage")
            .Catalog("table_catalog")
            .Column("table_schema", row => row.Relation.Schema)
            .Key("table_name", row => row.Relation.Name)
            .Column("column_name", row => row.Source)
            .Column("dependent_column", row => row.Column)
            .Rows(Generations)
            .Build();
    }

    public static IEnumerable<InfoColumn> Of(Relation relation) => relation.Kind is RelationKind.Table or RelationKind.View or RelationKind.Catalog
        ? relation.Attributes.Where(column => !column.Dropped).Select(column => new InfoColumn(relation, column))
        : [];

    private static SqlTable CreateColumns() => InfoBuilder.For<InfoColumn>("columns")
        .Catalog("table_catalog")
        .Column("table_schema", row => row.Relation.Schema)
        .Key("table_name", row => row.Relation.Name)
        .Column("column_name", row => row.Attribute.Name)
        .Column("ordinal_position", row => row.Attribute.Number)
        .Column("column_default", row => row.Attribute.Generated ? Cell.Null : row.Default)
        .Column("is_nullable", (row, view) => InfoBuilder.YesNo(!row.Attribute.NotNull && row.Type(view).Domain is not { NotNull: true }))
        .Type((row, view) => row.Type(view))
        .Collation(row => InfoType.CollationName(row.Attribute.Collation))
        .Column("domain_catalog", (row, view) => row.Type(view).Domain is null ? Cell.Null : view.Database)
        .Column("domain_schema", (row, view) => row.Type(view).DomainSchema)
        .Column("domain_name", (row, view) => row.Type(view).Domain?.Name)
        .Column("dtd_identifier", row => InfoType.Number(row.Attribute.Number))
        .Column("is_identity", row => InfoBuilder.YesNo(row.Attribute.Identity != IdentityKind.None))
        .Column("identity_generation", row => row.Attribute.Identity switch
        {
            IdentityKind.Always => "ALWAYS",
            IdentityKind.ByDefault => "BY DEFAULT",
            _ => Cell.Null,
        })
        .Column("identity_start", (row, view) => row.Sequence(view) is { } sequence ? InfoType.Number(sequence.Start) : Cell.Null)
        .Column("identity_increment", (row, view) => row.Sequence(view) is { } sequence ? InfoType.Number(sequence.Increment) : Cell.Null)
        .Column("identity_maximum", (row, view) => row.Sequence(view) is { } sequence ? InfoType.Number(sequence.Max) : Cell.Null)
        .Column("identity_minimum", (row, view) => row.Sequence(view) is { } sequence ? InfoType.Number(sequence.Min) : Cell.Null)
        .Column("identity_cycle", (row, view) => InfoBuilder.YesNo(row.Sequence(view) is { Cycle: true }))
        .Column("is_generated", row => row.Attribute.Generated ? "ALWAYS" : "NEVER")
        .Column("generation_expression", row => row.Attribute.Generated ? row.Default : Cell.Null)
        .Column("is_updatable", row => InfoBuilder.YesNo(row.Relation.Kind == RelationKind.Table))
        .Same("NO", "is_self_referencing")
        .Common(() => SystemCatalog.Relations.SelectMany(Of))
        .Rows(snapshot => snapshot.Relations.SelectMany(Of))
        .Build();

    /// <summary>The columns that generated columns are computed from, which the metadata has as dependencies of their expressions.</summary>
    private static IEnumerable<Generation> Generations(SchemaSnapshot snapshot)
    {
        var generated = snapshot.Relations.SelectMany(Of).Where(row => row.Attribute.Generated).ToDictionary(row => row.Attribute.DefaultOid);
        return snapshot.Dependencies
            .Where(d => d.Object.Class == ClassOids.PgAttrDef && d.Referenced.Class == ClassOids.PgClass && generated.ContainsKey(d.Object.Object))
            .Select(d => (Row: generated[d.Object.Object], d.Referenced))
            .Where(d => d.Referenced.Object == d.Row.Relation.Oid && d.Referenced.Sub > 0)
            .Select(d => new Generation(d.Row.Relation, d.Row.Relation.Attributes[d.Referenced.Sub - 1].Name, d.Row.Attribute.Name));
    }

    private sealed record Generation(Relation Relation, string Source, string Column);
}

/// <summary>A column that is not dropped, of a table or view.</summary>
internal sealed record InfoColumn(Relation Relation, Attribute Attribute)
{
    private InfoType? _type;

    public string? Default => Attribute.Default ?? Attribute.NativeDefault;

    public InfoType Type(CatalogView view) => _type ??= new InfoType(view.Snapshot, Attribute.Type);

    /// <summary>The sequence of an identity column.</summary>
    public SequenceRow? Sequence(CatalogView view) => Attribute.Identity == IdentityKind.None || Attribute.OwnedSequence is not { } name
        ? null
        : view.Sequences.GetValueOrDefault(name);
}
