using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>What INSERT, UPDATE and DELETE have in common: the table, assignments, RETURNING.</summary>
internal sealed partial class StatementBinder
{
    /// <summary>The table that a statement writes to. It sees no items of WITH.</summary>
    private ScopeItem SetTarget(QualifiedName name, TableAlias? alias, bool only, Scope scope, bool alsoSource)
    {
        var item = AddRelation(OpenRelation(name, scope), alias, only, scope, inFrom: false);
        scope.Target = item;
        if (alsoSource)
        {
            scope.From.Add(new FromRelation(item.Relation));
            scope.Namespace.Add(item);
        }

        return item;
    }

    private static Relation TargetOf(Scope scope) => ((RelationEntry)scope.Target!.Entry).Relation;

    private static Attribute? FindAttribute(Relation relation, string name) => relation.Attributes.FirstOrDefault(a => !a.Dropped && a.Name == name);

    private DialectException NoSuchTargetColumn(Relation relation, string name, Location location) => Error(
        SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{relation.Name}\" does not exist", location);

    private List<TargetEntry> BindReturning(NodeList<Target> returning, Scope scope)
    {
        if (returning.Count == 0)
        {
            return [];
        }

        var next = scope.NextNumber;
        scope.NextNumber = 1;
        var targets = BindTargets(returning, scope, ExpressionKind.Returning);
        scope.NextNumber = next;
        if (targets.Count == 0)
        {
            throw Error(SqlState.SyntaxError, "RETURNING must have at least one column", Locations.Of(returning[0].Value));
        }

        MarkOrigins(targets, scope);
        ResolveUnknowns(targets);
        return targets;
    }

    /// <summary>Relations that cannot be written, after all other errors, as PostgreSQL finds them when it rewrites and plans.</summary>
    private void CheckWritable(Relation relation, QueryKind kind)
    {
        switch (relation.Kind)
        {
            case RelationKind.View:
                throw ViewRefused(relation, kind);
            case RelationKind.Sequence:
                throw Error(SqlState.WrongObjectType, $"cannot change sequence \"{relation.Name}\"");
            case RelationKind.Catalog:
                throw Error(SqlState.InsufficientPrivilege, $"permission denied: \"{relation.Name}\" is a system catalog");
        }
    }

    private DialectException ViewRefused(Relation view, QueryKind kind)
    {
        var (verb, gerund, name) = kind switch
        {
            QueryKind.Insert => ("insert into", "inserting into", "INSERT"),
            QueryKind.Update => ("update", "updating", "UPDATE"),
            _ => ("delete from", "deleting from", "DELETE"),
        };
        var message = $"cannot {verb} view \"{view.Name}\"";
        return ReasonNotUpdatable(view) is { } reason
            ? Error(
                SqlState.ObjectNotInPrerequisiteState, message,
                $"To enable {gerund} the view, provide an INSTEAD OF {name} trigger or an unconditional ON {name} DO INSTEAD rule.",
                $"Views {reason} are not automatically updatable.")
            : Error(SqlState.FeatureNotSupported, message, detail: "Automatically updatable views are not supported.");
    }

    /// <summary>Why PostgreSQL would not write through a view; null if it would.</summary>
    private string? ReasonNotUpdatable(Relation view)
    {
        if (view.Definition is not { } text || Parser.Parse(text) is not [Query syntax])
        {
            return null;
        }

        var query = Binder.Bind(syntax, text, ContextOf(text)).Query;
        return query.Distinct.Count > 0 ? "containing DISTINCT"
            : query.GroupBy.Count > 0 ? "containing GROUP BY"
            : query.Having is not null ? "containing HAVING"
            : query.SetOperations is not null ? "containing UNION, INTERSECT, or EXCEPT"
            : query.CommonTables.Count > 0 ? "containing WITH"
            : query.Limit is not null || query.Offset is not null ? "containing LIMIT or OFFSET"
            : query.HasAggregates ? "that return aggregate functions"
            : query.HasWindows ? "that return window functions"
            : query.HasTargetSets ? "that return set-returning functions"
            : query.From is not [FromRelation from]
                || query.Relations[from.Relation - 1] is not RelationEntry { Relation.Kind: RelationKind.Table or RelationKind.View }
                ? "that do not select from a single table or view"
            : null;
    }
}
