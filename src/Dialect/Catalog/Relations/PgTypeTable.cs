using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The types, and the labels of enums.</summary>
internal static class PgTypeTable
{
    public static SqlTable Create() => new CatalogTableBuilder<TypeFacts>("pg_catalog", "pg_type")
        .Key("oid", type => type.Oid)
        .Key("typname", type => type.Name)
        .Key("typnamespace", type => type.Schema)
        .Key("typrelid", type => type.Relation)
        .Key("typelem", type => type.Element)
        .Key("typarray", type => type.Array)
        .Key("typbasetype", type => type.Base.Oid)
        .Column("typlen", type => type.Length)
        .Column("typbyval", type => type.ByValue)
        .Column("typtype", type => type.Kind)
        .Column("typcategory", type => type.Category)
        .Column("typispreferred", type => type.Preferred)
        .Column("typdelim", type => type.Delimiter)
        .Column("typsubscript", type => type.Subscript)
        .Column("typinput", type => type.Input)
        .Column("typoutput", type => type.Output)
        .Column("typreceive", type => type.Receive)
        .Column("typsend", type => type.Send)
        .Column("typmodin", type => type.ModifierInput)
        .Column("typmodout", type => type.ModifierOutput)
        .Column("typanalyze", type => type.Analyze)
        .Column("typalign", type => type.Align)
        .Column("typstorage", type => type.Storage)
        .Column("typnotnull", type => type.NotNull)
        .Column("typtypmod", type => type.Base.Modifier)
        .Column("typndims", type => type.Dimensions)
        .Column("typcollation", type => type.Collation)
        .Column("typdefaultbin", type => type.Default)
        .Column("typdefault", type => type.Default)
        .Same(ClassOids.Owner, "typowner")
        .Same(true, "typisdefined")
        .Null("typacl")
        .Common(() => TypeFacts.Common)
        .Rows(TypeFacts.Of)
        .Build();

    public static SqlTable CreateEnums() => new CatalogTableBuilder<LabelRow>("pg_catalog", "pg_enum")
        .Key("oid", row => row.Label.Oid)
        .Key("enumtypid", row => row.Type)
        .Column("enumsortorder", row => row.Label.Order)
        .Column("enumlabel", row => row.Label.Label)
        .Rows(snapshot => snapshot.Types.SelectMany(type => type.Labels.Select(label => new LabelRow(type.Oid, label))))
        .Build();

    private sealed record LabelRow(uint Type, EnumLabel Label);
}
