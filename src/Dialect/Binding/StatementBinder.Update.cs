using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>UPDATE and DELETE.</summary>
internal sealed partial class StatementBinder
{
    private BoundQuery BindUpdate(UpdateStatement update, Scope scope)
    {
        BindWith(update.With, scope);
        var target = BindTargetAndSources(update.Table, update.From, scope);
        var where = BindCondition(update.Where, scope, ExpressionKind.Where, "WHERE");
        var returning = BindReturning(update.Returning, scope);
        var targets = BindAssignments(update.Set, scope);
        var query = AssignCollations(Close(
            new BoundQuery(QueryKind.Update)
            {
                Result = target.Relation,
                Where = where,
                Targets = ListOf(targets),
                Returning = ListOf(returning),
            },
            update.With, scope));
        var relation = TargetOf(scope);
        CheckWritable(relation, QueryKind.Update);
        return query with { Targets = CompleteUpdate(query.Targets, relation) };
    }

    private BoundQuery BindDelete(DeleteStatement delete, Scope scope)
    {
        BindWith(delete.With, scope);
        var target = BindTargetAndSources(delete.Table, delete.Using, scope);
        var where = BindCondition(delete.Where, scope, ExpressionKind.Where, "WHERE");
        var returning = BindReturning(delete.Returning, scope);
        var query = AssignCollations(Close(
            new BoundQuery(QueryKind.Delete) { Result = target.Relation, Where = where, Returning = ListOf(returning) }, delete.With, scope));
        CheckWritable(TargetOf(scope), QueryKind.Delete);
        return query;
    }

    /// <summary>The items of FROM and USING cannot refer to the table that is written to; everything else can.</summary>
    private ScopeItem BindTargetAndSources(RelationReference table, NodeList<TableExpression> sources, Scope scope)
    {
        var target = SetTarget(table.Name, table.Alias, table.Only, scope, alsoSource: true);
        SetLateral([target], only: true, allowed: false);
        BindFrom(sources, scope);
        SetLateral([target], only: false, allowed: true);
        return target;
    }
}
