namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>What relations of information_schema have in common: columns for types, catalogs and answers in words.</summary>
internal static class InfoBuilder
{
    public static CatalogTableBuilder<TRow> For<TRow>(string name)
        where TRow : class => new("information_schema", name);

    public static string YesNo(bool value) => value ? "YES" : "NO";

    /// <summary>Columns that hold the name of the database.</summary>
    public static CatalogTableBuilder<TRow> Catalog<TRow>(this CatalogTableBuilder<TRow> builder, params ReadOnlySpan<string> names)
        where TRow : class
    {
        foreach (var name in names)
        {
            builder.Column(name, (_, view) => view.Database);
        }

        return builder;
    }

    /// <summary>The columns that describe a type: data_type, those of its modifier, udt_ and those that are always null here.</summary>
    public static CatalogTableBuilder<TRow> Type<TRow>(
        this CatalogTableBuilder<TRow> builder, Func<TRow, CatalogView, InfoType?> type)
        where TRow : class => builder
        .Column("data_type", (row, view) => type(row, view)?.DataType)
        .Column("character_maximum_length", (row, view) => type(row, view)?.CharacterMaximumLength ?? Cell.Null)
        .Column("character_octet_length", (row, view) => type(row, view)?.CharacterOctetLength ?? Cell.Null)
        .Column("numeric_precision", (row, view) => type(row, view)?.NumericPrecision ?? Cell.Null)
        .Column("numeric_precision_radix", (row, view) => type(row, view)?.NumericPrecisionRadix ?? Cell.Null)
        .Column("numeric_scale", (row, view) => type(row, view)?.NumericScale ?? Cell.Null)
        .Column("datetime_precision", (row, view) => type(row, view)?.DatetimePrecision ?? Cell.Null)
        .Column("interval_type", (row, view) => type(row, view)?.IntervalType ?? Cell.Null)
        .Null("interval_precision", "character_set_catalog", "character_set_schema", "character_set_name")
        .Column("udt_catalog", (row, view) => type(row, view) is null ? Cell.Null : view.Database)
        .Column("udt_schema", (row, view) => type(row, view)?.UdtSchema)
        .Column("udt_name", (row, view) => type(row, view)?.UdtName)
        .Null("scope_catalog", "scope_schema", "scope_name", "maximum_cardinality");

    /// <summary>The columns of a collation, which are null for the default one.</summary>
    public static CatalogTableBuilder<TRow> Collation<TRow>(this CatalogTableBuilder<TRow> builder, Func<TRow, string?> name)
        where TRow : class => builder
        .Column("collation_catalog", (row, view) => name(row) is null ? Cell.Null : view.Database)
        .Column("collation_schema", row => name(row) is null ? Cell.Null : "pg_catalog")
        .Column("collation_name", row => name(row));
}
