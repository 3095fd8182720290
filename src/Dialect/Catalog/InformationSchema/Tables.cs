using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog.InformationSchema;

/// <summary>Schemas, tables, views and sequences.</summary>
internal static class Tables
{
    public static IEnumerable<SqlTable> Create()
    {
        yield return InfoBuilder.For<SchemaInfo>("schemata")
            .Catalog("catalog_name")
            .Key("schema_name", schema => schema.Name)
            .Column("schema_owner", (schema, view) => Roles.Find(view, PgNamespace.OwnerOf(schema))!.Name)
            .OthersNull()
            .Rows(snapshot => snapshot.Schemas)
            .Build();
        yield return InfoBuilder.For<Relation>("tables")
            .Catalog("table_catalog")
            .Column("table_schema", relation => relation.Schema)
            .Key("table_name", relation => relation.Name)
            .Column("table_type", relation => PgClass.KindOf(relation) == 'v' ? "VIEW" : relation.Persistence == 't' ? "LOCAL TEMPORARY" : "BASE TABLE")
            .Column("is_insertable_into", relation => InfoBuilder.YesNo(relation.Kind == RelationKind.Table))
            .Column("commit_action", relation => relation.Persistence == 't' ? "PRESERVE" : Cell.Null)
            .Same("NO", "is_typed")
            .OthersNull()
            .Common(() => SystemCatalog.Relations)
            .Rows(TablesOf)
            .Build();
        yield return InfoBuilder.For<Relation>("views")
            .Catalog("table_catalog")
            .Column("table_schema", relation => relation.Schema)
            .Key("table_name", relation => relation.Name)
            .Column("view_definition", relation => relation.Definition)
            .Same("NONE", "check_option")
            .Same("NO", "is_updatable", "is_insertable_into", "is_trigger_updatable", "is_trigger_deletable", "is_trigger_insertable_into")
            .Common(() => SystemCatalog.Relations.Where(relation => PgClass.KindOf(relation) == 'v'))
            .Rows(Views.ViewsOf)
            .Build();
        yield return InfoBuilder.For<SequenceRow>("sequences")
            .Catalog("sequence_catalog")
            .Column("sequence_schema", row => row.Relation.Schema)
            .Key("sequence_name", row => row.Relation.Name)
            .Column("data_type", (row, view) => Type(row, view).DataType)
            .Column("numeric_precision", (row, view) => Type(row, view).NumericPrecision)
            .Same(2, "numeric_precision_radix")
            .Same(0, "numeric_scale")
            .Column("start_value", row => InfoType.Number(row.Start))
            .Column("minimum_value", row => InfoType.Number(row.Min))
            .Column("maximum_value", row => InfoType.Number(row.Max))
            .Column("increment", row => InfoType.Number(row.Increment))
            .Column("cycle_option", row => InfoBuilder.YesNo(row.Cycle))
            .Changing(view => Sequences.Of(view).Where(row => !IsIdentity(view.Snapshot, row.Relation)))
            .Build();
        yield return ViewUse("view_column_usage", columns: true);
        yield return ViewUse("view_table_usage", columns: false);
    }

    public static IEnumerable<Relation> TablesOf(SchemaSnapshot snapshot) =>
        snapshot.Relations.Where(relation => relation.Kind is RelationKind.Table or RelationKind.View);

    private static InfoType Type(SequenceRow row, CatalogView view) => new(view.Snapshot, new Types.PgType(row.Type));

    // The sequence of an identity column is part of the column.
    private static bool IsIdentity(SchemaSnapshot snapshot, Relation sequence) => ((HashSet<string>)snapshot.Made.GetOrAdd(
        (typeof(Tables), 0), _ => snapshot.Relations.SelectMany(r => r.Attributes).Where(a => a.Identity != IdentityKind.None)
            .Select(a => a.OwnedSequence ?? "").ToHashSet())).Contains(sequence.SqliteName);

    private static SqlTable ViewUse(string name, bool columns)
    {
        var builder = InfoBuilder.For<Use>(name)
            .Catalog("view_catalog", "table_catalog")
            .Column("view_schema", row => row.View.Schema)
            .Key("view_name", row => row.View.Name)
            .Column("table_schema", row => row.Table.Schema)
            .Key("table_name", row => row.Table.Name);
        if (columns)
        {
            builder.Column("column_name", row => row.Table.Attributes[row.Column - 1].Name);
        }

        return builder.Rows(snapshot => UsesOf(snapshot).Select(use => columns ? use : use with { Column = 0 }).Distinct()).Build();
    }

    /// <summary>The columns that views read, which the metadata has as dependencies of their rules.</summary>
    private static IEnumerable<Use> UsesOf(SchemaSnapshot snapshot)
    {
        var views = Views.ViewsOf(snapshot).ToDictionary(view => view.Rule);
        foreach (var dependency in snapshot.Dependencies)
        {
            if (dependency.Object.Class == ClassOids.PgRewrite && dependency.Referenced.Class == ClassOids.PgClass && dependency.Referenced.Sub > 0
                && views.TryGetValue(dependency.Object.Object, out var view) && snapshot.FindRelation(dependency.Referenced.Object) is { } table
                && dependency.Referenced.Sub <= table.Attributes.Count)
            {
                yield return new Use(view, table, dependency.Referenced.Sub);
            }
        }
    }

    private sealed record Use(Relation View, Relation Table, int Column)
    {
        public bool Equals(Use? other) => other is not null && View.Oid == other.View.Oid && Table.Oid == other.Table.Oid && Column == other.Column;

        public override int GetHashCode() => HashCode.Combine(View.Oid, Table.Oid, Column);
    }
}
