using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The constraints of tables and domains.</summary>
internal static class PgConstraint
{
    public static SqlTable Create() => new CatalogTableBuilder<ConstraintRow>("pg_catalog", "pg_constraint")
        .Key("oid", row => row.Constraint.Oid)
        .Key("conrelid", row => row.Table?.Oid ?? 0)
        .Key("conname", row => row.Constraint.Name)
        .Key("contypid", row => row.Domain?.Oid ?? 0)
        .Key("confrelid", row => row.Constraint.ReferencedOid)
        .Key("conindid", row => row.Index)
        .Column("connamespace", row => row.Table?.SchemaOid ?? row.Domain!.SchemaOid)
        .Column("contype", row => KindOf(row.Constraint))
        .Column("condeferrable", row => row.Constraint.Deferrable)
        .Column("condeferred", row => row.Constraint.InitiallyDeferred)
        .Column("convalidated", row => row.Constraint.Validated)
        .Column("confupdtype", row => row.IsForeignKey ? row.Constraint.OnUpdate : ' ')
        .Column("confdeltype", row => row.IsForeignKey ? row.Constraint.OnDelete : ' ')
        .Column("confmatchtype", row => row.IsForeignKey ? row.Constraint.Match : ' ')
        .Column("connoinherit", row => row.Constraint.Type != ConstraintType.Check || row.Constraint.NoInherit)
        .Column("conkey", row => row.Constraint.Columns.Count == 0 ? Cell.Null : Cell.Array(row.Constraint.Columns))
        .Column("confkey", row => row.IsForeignKey ? Cell.Array(row.Constraint.ReferencedColumns) : Cell.Null)
        .Column("conpfeqop", (row, view) => Operators(row, view, referencedLeft: true, referencedRight: false))
        .Column("conppeqop", (row, view) => Operators(row, view, referencedLeft: true, referencedRight: true))
        .Column("conffeqop", (row, view) => Operators(row, view, referencedLeft: false, referencedRight: false))
        .Column("conbin", row => row.Constraint.Expression)
        .Same(true, "conislocal")
        .Same(0, "conparentid", "coninhcount")
        .Null("confdelsetcols", "conexclop")
        .Common(() => SystemCatalog.Types.SelectMany(OfDomain))
        .Rows(snapshot => snapshot.Relations.SelectMany(table => OfTable(snapshot, table)).Concat(snapshot.Types.SelectMany(OfDomain)))
        .Build();

    /// <summary>The character of contype.</summary>
    public static char KindOf(ConstraintInfo constraint) => constraint.Type switch
    {
        ConstraintType.ForeignKey => 'f',
        ConstraintType.PrimaryKey => 'p',
        ConstraintType.Unique => 'u',
        _ => 'c',
    };

    public static IEnumerable<ConstraintRow> OfTable(SchemaSnapshot snapshot, Relation table) => table.Constraints.Select(constraint =>
        new ConstraintRow(constraint, table, null, snapshot.FindRelation(constraint.ReferencedOid)));

    public static IEnumerable<ConstraintRow> OfDomain(TypeInfo domain) =>
        domain.Constraints.Select(constraint => new ConstraintRow(constraint, null, domain, null));

    private static Cell Operators(ConstraintRow row, CatalogView view, bool referencedLeft, bool referencedRight)
    {
        if (row.Referenced is not { } target)
        {
            return Cell.Null;
        }

        var types = row.Constraint.Columns.Zip(
            row.Constraint.ReferencedColumns, (own, other) => (Own: row.Table!.Attributes[own - 1].Type.Oid, Other: target.Attributes[other - 1].Type.Oid));
        return Cell.Array(types.Select(pair => Btree.Equal(
            view.Snapshot, referencedLeft ? pair.Other : pair.Own, referencedRight ? pair.Other : pair.Own)));
    }
}

/// <summary>A constraint of a table or of a domain.</summary>
/// <param name="Referenced">The table that a foreign key refers to; null for other constraints.</param>
internal sealed record ConstraintRow(ConstraintInfo Constraint, Relation? Table, TypeInfo? Domain, Relation? Referenced)
{
    public bool IsForeignKey => Constraint.Type == ConstraintType.ForeignKey;

    /// <summary>The index of a key; for a foreign key that of the key it refers to.</summary>
    public uint Index => Constraint.IndexOid != 0 || Referenced is null ? Constraint.IndexOid
        : Referenced.Indexes.FirstOrDefault(index => index.Unique && index.Predicate is null && Covers(index))?.Oid ?? 0;

    private bool Covers(IndexInfo index) => index.KeyCount == Constraint.ReferencedColumns.Count
        && index.Columns.Take(index.KeyCount).Order().SequenceEqual(Constraint.ReferencedColumns.Order());
}
