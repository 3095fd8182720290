using Rqlite.Pg.Dialect.Catalog;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The relations and domains whose texts may name objects.</summary>
internal sealed class SchemaUses
{
    private readonly SchemaSnapshot _before;

    /// <param name="changed">The objects; columns with their numbers.</param>
    public SchemaUses(SchemaSnapshot before, IReadOnlySet<ObjectAddress> changed)
    {
        _before = before;
        var owners = new Dictionary<ObjectAddress, uint>();
        foreach (var relation in before.Relations)
        {
            if (relation.Kind == RelationKind.View)
            {
                owners[new ObjectAddress(ClassOids.PgRewrite, relation.Rule, 0)] = relation.Oid;
            }

            foreach (var column in relation.Attributes.Where(column => column.DefaultOid != 0))
            {
                owners[new ObjectAddress(ClassOids.PgAttrDef, column.DefaultOid, 0)] = relation.Oid;
            }

            foreach (var constraint in relation.Constraints)
            {
                owners[new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0)] = relation.Oid;
            }

            foreach (var index in relation.Indexes)
            {
                owners[new ObjectAddress(ClassOids.PgClass, index.Oid, 0)] = relation.Oid;
            }
        }

        foreach (var domain in before.Types.Where(type => type.Kind == 'd'))
        {
            owners[new ObjectAddress(ClassOids.PgType, domain.Oid, 0)] = domain.Oid;
            foreach (var constraint in domain.Constraints)
            {
                owners[new ObjectAddress(ClassOids.PgConstraint, constraint.Oid, 0)] = domain.Oid;
            }
        }

        foreach (var address in changed.Where(address => address.Class == ClassOids.PgClass))
        {
            Add(address.Object);
        }

        // An index of a key refers to its constraint alone, and that to the columns; a use of a column counts if the whole relation has changed too.
        foreach (var use in PgDepend.Of(before).Where(use => changed.Contains(use.Referenced)
            || (use.Referenced.Sub != 0 && changed.Contains(use.Referenced with { Sub = 0 }))))
        {
            if (owners.TryGetValue(use.Object, out var owner))
            {
                Add(owner);
            }
        }
    }

    public HashSet<uint> Tables { get; } = [];

    public HashSet<uint> Views { get; } = [];

    public HashSet<uint> Domains { get; } = [];

    private void Add(uint oid)
    {
        if (_before.FindType(oid) is { Kind: 'd' })
        {
            Domains.Add(oid);
        }
        else if (_before.FindRelation(oid) is { } relation)
        {
            _ = relation.Kind switch
            {
                RelationKind.Table => Tables.Add(oid),
                RelationKind.View => Views.Add(oid),
                RelationKind.Index => Tables.Add(relation.IndexedTable),
                _ => false,
            };
        }
    }
}
