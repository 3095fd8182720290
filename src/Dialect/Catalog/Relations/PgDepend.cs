using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What objects depend on, and their comments.</summary>
internal static class PgDepend
{
    // Types below are part of every database, and nothing records that it depends on them.
    private const uint FirstUnpinned = 12000;

    public static SqlTable Create() => new CatalogTableBuilder<Dependency>("pg_catalog", "pg_depend")
        .Key("objid", row => row.Object.Object)
        .Key("refobjid", row => row.Referenced.Object)
        .Column("classid", row => row.Object.Class)
        .Column("objsubid", row => row.Object.Sub)
        .Column("refclassid", row => row.Referenced.Class)
        .Column("refobjsubid", row => row.Referenced.Sub)
        .Column("deptype", row => row.Kind)
        .Rows(Of)
        .Build();

    public static SqlTable CreateDescriptions(WorkingFunctions working) => new CatalogTableBuilder<DescriptionRow>("pg_catalog", "pg_description")
        .Key("objoid", row => row.Object.Object)
        .Column("classoid", row => row.Object.Class)
        .Column("objsubid", row => row.Object.Sub)
        .Column("description", row => row.Text)
        .Common(() => BuiltinDescriptions.All.Where(d => IsListed(d.Class, d.Object, working)).OrderBy(d => d.Class).ThenBy(d => d.Object)
            .Select(d => new DescriptionRow(new ObjectAddress(d.Class, d.Object, 0), d.Text)))
        .Rows(snapshot => snapshot.Descriptions.OrderBy(d => d.Key.Object).ThenBy(d => d.Key.Sub).Select(d => new DescriptionRow(d.Key, d.Value)))
        .Build();

    /// <summary>All dependencies: those that the metadata has and those that follow from the objects.</summary>
    public static IEnumerable<Dependency> Of(SchemaSnapshot snapshot)
    {
        var sequences = snapshot.Relations.Where(r => r.Kind == RelationKind.Sequence).ToDictionary(r => r.SqliteName, StringComparer.Ordinal);
        return snapshot.Relations.SelectMany(relation => OfRelation(relation, sequences))
            .Concat(snapshot.Relations.SelectMany(OfColumns))
            .Concat(snapshot.Relations.SelectMany(table => table.Indexes.SelectMany(index => OfIndex(snapshot, table, index))))
            .Concat(snapshot.Relations.SelectMany(table => PgConstraint.OfTable(snapshot, table).SelectMany(OfConstraint)))
            .Concat(snapshot.Types.SelectMany(OfType))
            .Concat(snapshot.Dependencies);
    }

    private static ObjectAddress Relation(uint oid, int column = 0) => new(ClassOids.PgClass, oid, column);

    private static IEnumerable<Dependency> OfRelation(Relation relation, Dictionary<string, Relation> sequences)
    {
        if (relation.Kind == RelationKind.Index)
        {
            yield break;
        }

        yield return new Dependency(Relation(relation.Oid), new ObjectAddress(ClassOids.PgNamespace, relation.SchemaOid, 0), 'n');
        if (relation.Kind == RelationKind.View)
        {
            var rule = new ObjectAddress(ClassOids.PgRewrite, relation.Rule, 0);
            yield return new Dependency(rule, Relation(relation.Oid), 'i');
            yield return new Dependency(rule, Relation(relation.Oid), 'n');
        }

        foreach (var column in relation.Attributes)
        {
            if (column.OwnedSequence is { } name && sequences.TryGetValue(name, out var sequence))
            {
                yield return new Dependency(
                    Relation(sequence.Oid), Relation(relation.Oid, column.Number), column.Identity == IdentityKind.None ? 'a' : 'i');
            }
        }
    }

    private static IEnumerable<Dependency> OfColumns(Relation relation)
    {
        if (relation.Kind == RelationKind.Index)
        {
            yield break;
        }

        foreach (var column in relation.Attributes.Where(column => !column.Dropped))
        {
            if (column.Type.Oid >= FirstUnpinned)
            {
                yield return new Dependency(Relation(relation.Oid, column.Number), new ObjectAddress(ClassOids.PgType, column.Type.Oid, 0), 'n');
            }

            if (PgAttribute.HasDefault(column))
            {
                yield return new Dependency(
                    new ObjectAddress(ClassOids.PgAttrDef, column.DefaultOid, 0), Relation(relation.Oid, column.Number), column.Generated ? 'i' : 'a');
            }
        }
    }

    private static IEnumerable<Dependency> OfIndex(SchemaSnapshot snapshot, Relation table, IndexInfo index)
    {
        if (table.Constraints.FirstOrDefault(c => c.IndexOid == index.Oid && c.Type != ConstraintType.ForeignKey) is { } constraint)
        {
            yield return new Dependency(Relation(index.Oid), new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0), 'i');
            yield break;
        }

        var columns = index.Columns.Where(number => number != 0).ToArray();
        foreach (var number in columns)
        {
            yield return new Dependency(Relation(index.Oid), Relation(table.Oid, number), 'a');
        }

        if (columns.Length == 0)
        {
            yield return new Dependency(Relation(index.Oid), Relation(table.Oid), 'a');
        }
    }

    private static IEnumerable<Dependency> OfConstraint(ConstraintRow row)
    {
        var address = new ObjectAddress(ClassOids.PgConstraint, row.Constraint.Oid, 0);
        var table = row.Table!;
        foreach (var number in row.Constraint.Columns)
        {
            yield return new Dependency(address, Relation(table.Oid, number), 'a');
            if (row.Constraint.Type == ConstraintType.Check)
            {
                // The columns of a CHECK are those of its expression.
                yield return new Dependency(address, Relation(table.Oid, number), 'n');
            }
        }

        if (row.Constraint.Columns.Count == 0)
        {
            yield return new Dependency(address, Relation(table.Oid), 'a');
        }

        if (row.Referenced is { } referenced)
        {
            yield return new Dependency(address, Relation(row.Index), 'n');
            foreach (var number in row.Constraint.ReferencedColumns)
            {
                yield return new Dependency(address, Relation(referenced.Oid, number), 'n');
            }
        }
    }

    private static IEnumerable<Dependency> OfType(TypeInfo type)
    {
        var address = new ObjectAddress(ClassOids.PgType, type.Oid, 0);
        yield return type.Kind == 'c' ? new Dependency(address, Relation(type.RelationOid), 'i')
            : type.ElementOid != 0 ? new Dependency(address, new ObjectAddress(ClassOids.PgType, type.ElementOid, 0), 'i')
            : new Dependency(address, new ObjectAddress(ClassOids.PgNamespace, type.SchemaOid, 0), 'n');
        if (type.Kind == 'd' && type.Base.Oid >= FirstUnpinned)
        {
            yield return new Dependency(address, new ObjectAddress(ClassOids.PgType, type.Base.Oid, 0), 'n');
        }

        foreach (var constraint in type.Constraints)
        {
            yield return new Dependency(new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0), address, 'a');
        }
    }

    private static bool IsListed(uint catalog, uint oid, WorkingFunctions working) => catalog switch
    {
        ClassOids.PgProc => Builtins.FindFunction(oid) is { } function && working.IsListed(function),
        ClassOids.PgOperator => Builtins.FindOperator(oid) is { } op && working.Works(op.Code),
        ClassOids.PgType => TypeFacts.IsCommon(oid),
        _ => true,
    };

    private sealed record DescriptionRow(ObjectAddress Object, string Text);
}
