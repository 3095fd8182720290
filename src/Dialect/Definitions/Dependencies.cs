using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>
/// What expressions and queries refer to, for _rqlite_depend. Built-in objects are left out, as in PostgreSQL, and so is what the catalogs derive: the columns
/// of a CHECK are those of its constraint.
/// </summary>
internal static class Dependencies
{
    // PostgreSQL records no dependency on what initdb has made before this OID.
    private const uint FirstUnpinned = 12000;

    /// <param name="table">The table whose columns the expression names as relation 1.</param>
    /// <param name="ownColumns">The columns of that table are recorded.</param>
    public static void Add(
        Definition definition, uint ofClass, MetadataOid ofObject, BoundExpression? value, MetadataOid table, bool ownColumns, char kind = 'n')
    {
        if (value is null)
        {
            return;
        }

        var seen = new HashSet<ObjectAddress>();
        var columns = new HashSet<short>();
        BoundWalk.Visit(value, (node, _) =>
        {
            if (node is Var { Attribute: > 0 } v && ownColumns && columns.Add(v.Attribute))
            {
                definition.Metadata.AddDependency(ofClass, ofObject, ClassOids.PgClass, table, v.Attribute, kind);
            }

            foreach (var address in Of(node, definition))
            {
                if (seen.Add(address))
                {
                    definition.Metadata.AddDependency(ofClass, ofObject, address.Class, definition.OidOf(address.Object), address.Sub, 'n');
                }
            }

            return true;
        });
    }

    /// <summary>Adds what the query of a view refers to: columns, relations without a column that is named, types.</summary>
    public static void AddQuery(Definition definition, MetadataOid rule, BoundQuery query)
    {
        var addresses = new SortedSet<(uint Class, uint Object, int Sub)>();
        CollectRelations(query, addresses);
        var queries = new List<BoundQuery>();
        Collect(query, [], queries, addresses, definition);
        foreach (var (catalog, oid, sub) in addresses)
        {
            // A column stands for its relation.
            if (sub != 0 || catalog != ClassOids.PgClass || !addresses.Any(other => other.Class == catalog && other.Object == oid && other.Sub != 0))
            {
                definition.Metadata.AddDependency(ClassOids.PgRewrite, rule, catalog, oid, sub, 'n');
            }
        }
    }

    private static void CollectRelations(BoundQuery query, SortedSet<(uint Class, uint Object, int Sub)> addresses)
    {
        foreach (var entry in query.Relations)
        {
            switch (entry)
            {
                case RelationEntry { Relation: { Kind: not RelationKind.Catalog } relation }:
                    addresses.Add((ClassOids.PgClass, relation.Oid, 0));
                    break;
                case SubqueryEntry subquery:
                    CollectRelations(subquery.Query, addresses);
                    break;
            }
        }

        foreach (var table in query.CommonTables)
        {
            CollectRelations(table.Query, addresses);
        }
    }

    private static void Collect(
        BoundQuery query, List<BoundQuery> around, List<BoundQuery> done, SortedSet<(uint Class, uint Object, int Sub)> addresses, Definition definition)
    {
        if (done.Contains(query))
        {
            return;
        }

        done.Add(query);
        List<BoundQuery> stack = [.. around, query];
        foreach (var expression in Lowering.Trees.Expressions(query))
        {
            CollectExpression(expression, stack, done, addresses, definition);
        }

        foreach (var inner in Lowering.Trees.Queries(query))
        {
            Collect(inner, stack, done, addresses, definition);
        }
    }

    private static void CollectExpression(
        BoundExpression expression, List<BoundQuery> stack, List<BoundQuery> done, SortedSet<(uint Class, uint Object, int Sub)> addresses,
        Definition definition)
    {
        if (expression is Var { Attribute: > 0 } v && v.LevelsUp < stack.Count
            && stack[^(v.LevelsUp + 1)].Relations[v.Relation - 1] is RelationEntry { Relation: { Kind: not RelationKind.Catalog } relation })
        {
            addresses.Add((ClassOids.PgClass, relation.Oid, v.Attribute));
        }

        foreach (var address in Of(expression, definition))
        {
            addresses.Add((address.Class, address.Object, address.Sub));
        }

        if (expression is SubLink link)
        {
            CollectRelations(link.Query, addresses);
            Collect(link.Query, stack, done, addresses, definition);
        }

        foreach (var child in Lowering.Trees.Children(expression))
        {
            CollectExpression(child, stack, done, addresses, definition);
        }
    }

    private static IEnumerable<ObjectAddress> Of(BoundExpression node, Definition definition)
    {
        if (node.Type.Oid >= FirstUnpinned
            && node is Const or RelabelExpr or CoerceViaIOExpr or ArrayCoerceExpr or CoerceToDomainExpr or ArrayExpr or RowExpr or FuncExpr)
        {
            yield return new ObjectAddress(ClassOids.PgType, node.Type.Oid, 0);
        }

        var type = node switch { Const c => c.Type.Oid, CoerceViaIOExpr { Argument: Const } cast => cast.Type.Oid, _ => 0u };
        if (type is PgTypes.RegClass or PgTypes.RegType or PgTypes.RegNamespace && RegConstants.OidOf(node, definition.Names) is { } oid
            && oid >= FirstUnpinned)
        {
            yield return new ObjectAddress(
                type switch { PgTypes.RegClass => ClassOids.PgClass, PgTypes.RegType => ClassOids.PgType, _ => ClassOids.PgNamespace }, oid, 0);
        }
    }
}
