using System.Globalization;
using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>What an object is and is called, as pg_describe_object and the details of dependencies say it.</summary>
internal sealed class ObjectDescriptions(SchemaSnapshot snapshot, SchemaNames names)
{
    public ObjectDescriptions(CatalogView view)
        : this(view.Snapshot, SchemaNames.Of(view))
    {
    }

    /// <summary>Null for an object that does not exist.</summary>
    public string? Describe(ObjectAddress address) => address.Class switch
    {
        ClassOids.PgClass => snapshot.FindRelation(address.Object) is { } relation ? DescribeRelation(relation, address.Sub) : null,
        ClassOids.PgType => TypeFacts.Find(snapshot, address.Object) is null ? null : $"type {names.TypeName(address.Object)}",
        ClassOids.PgNamespace => snapshot.Schemas.FirstOrDefault(s => s.Oid == address.Object) is { } schema
            ? $"schema {Identifiers.Quote(schema.Name)}"
            : null,
        ClassOids.PgConstraint => DescribeConstraint(address.Object),
        ClassOids.PgAttrDef => DescribeDefault(address.Object),
        ClassOids.PgRewrite => Views.ViewsOf(snapshot).FirstOrDefault(v => v.Rule == address.Object) is { } view
            ? $"rule _RETURN on {DescribeRelation(view, 0)}"
            : null,
        ClassOids.PgProc => Builtins.FindFunction(address.Object) is { } function ? $"function {function.Signature}" : null,
        ClassOids.PgOperator => names.NameOf(Types.PgTypes.RegOperator, address.Object) is { } op ? $"operator {op}" : null,
        ClassOids.PgCollation => SchemaNames.CollationName(address.Object) is { } collation ? $"collation {Identifiers.Quote(collation)}" : null,
        _ => null,
    };

    private string DescribeRelation(Relation relation, int column)
    {
        var kind = PgClass.KindOf(relation) switch { 'v' => "view", 'i' => "index", 'S' => "sequence", _ => "table" };
        var whole = $"{kind} {names.NameOf(relation)}";
        return column == 0 ? whole
            : relation.Attributes.FirstOrDefault(a => a.Number == column) is { } attribute ? $"column {Identifiers.Quote(attribute.Name)} of {whole}"
            : string.Create(CultureInfo.InvariantCulture, $"column {column} of {whole}");
    }

    private string? DescribeConstraint(uint oid)
    {
        foreach (var table in snapshot.Relations)
        {
            if (table.Constraints.FirstOrDefault(c => c.Oid == oid) is { } constraint)
            {
                return $"constraint {Identifiers.Quote(constraint.Name)} on {DescribeRelation(table, 0)}";
            }
        }

        foreach (var type in snapshot.Types)
        {
            if (type.Constraints.FirstOrDefault(c => c.Oid == oid) is { } constraint)
            {
                return $"constraint {Identifiers.Quote(constraint.Name)}";
            }
        }

        return null;
    }

    private string? DescribeDefault(uint oid)
    {
        foreach (var table in snapshot.Relations)
        {
            if (table.Attributes.FirstOrDefault(a => a.DefaultOid == oid) is { } attribute)
            {
                return $"default value for column {Identifiers.Quote(attribute.Name)} of {DescribeRelation(table, 0)}";
            }
        }

        return null;
    }
}
