using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The nodes of which queries and expressions of the syntax tree consist, WITH left out.</summary>
internal static class SyntaxParts
{
    /// <summary>The parts with those of WITH and of statements that write.</summary>
    public static IEnumerable<Node> OfAll(Node node) => node switch
    {
        Query { With: { } with } query => [.. StatementsOf(with), .. Of(query)],
        InsertStatement e => Some([
            .. StatementsOf(e.With), .. e.Columns.SelectMany(c => c.Steps).SelectMany(OfStep), e.Source, .. OfConflict(e.OnConflict), .. e.Returning]),
        UpdateStatement e => Some([.. StatementsOf(e.With), .. e.Set.SelectMany(OfAssignment), .. e.From, e.Where, .. e.Returning]),
        DeleteStatement e => Some([.. StatementsOf(e.With), .. e.Using, e.Where, .. e.Returning]),
        _ => Of(node),
    };

    private static IEnumerable<Node> StatementsOf(With? with) => with?.Tables.Select(table => (Node)table.Statement) ?? [];

    private static IEnumerable<Node> OfAssignment(Assignment assignment) =>
        [.. assignment.Columns.SelectMany(c => c.Steps).SelectMany(OfStep), assignment.Value];

    private static IEnumerable<Node> OfConflict(ConflictClause? conflict) => conflict is null ? [] : Some([
        .. conflict.Target?.Elements.Select(e => e.Value) ?? [], conflict.Target?.Where, .. (conflict.Set ?? []).SelectMany(OfAssignment),
        conflict.Where]);

    public static IEnumerable<Node> Of(Node node) => node switch
    {
        Query query => OfQuery(query),
        Expression expression => OfExpression(expression),
        TableExpression table => OfTable(table),
        Target target => [target.Value],
        SortItem item => [item.Value],
        GroupingSet set => set.Items,
        WindowSpecification window => OfWindow(window),
        _ => [],
    };

    private static IEnumerable<Node> OfQuery(Query query)
    {
        IEnumerable<Node?> own = query switch
        {
            SelectQuery e => [
                .. e.Distinct ?? [], .. e.Targets, .. e.From, e.Where, .. e.GroupBy, e.Having, .. e.Windows],
            ValuesQuery e => e.Rows.SelectMany(row => row),
            _ => ((SetOperation)query).Operands,
        };
        return Some([.. own, .. query.OrderBy, query.Limit, query.Offset]);
    }

    private static IEnumerable<Node> OfTable(TableExpression table) => table switch
    {
        JoinExpression e => Some([e.Left, e.Right, e.On]),
        SubqueryTable e => [e.Query],
        FunctionTable e => e.Functions.Select(f => f.Call),
        TableSample e => Some([e.Relation, .. e.Arguments, e.Repeatable]),
        _ => [],
    };

    private static IEnumerable<Node> OfWindow(WindowSpecification window) =>
        Some([.. window.PartitionBy, .. window.OrderBy, window.Frame?.Start.Offset, window.Frame?.End?.Offset]);

    private static IEnumerable<Node> OfExpression(Expression expression) => expression switch
    {
        OperatorExpression e => Some([e.Left, e.Right]),
        BooleanExpression e => e.Operands,
        NotExpression e => [e.Operand],
        FunctionCall e => Some([.. e.Arguments, .. e.OrderBy, e.Filter, e.Over]),
        TypeCast e => [e.Operand],
        SubqueryExpression e => Some([e.Operand, e.Query]),
        NullTest e => [e.Operand],
        CaseExpression e => Some([e.Operand, .. e.Whens.SelectMany(w => new Node[] { w.Condition, w.Result }), e.Else]),
        InList e => [e.Operand, .. e.Items],
        BetweenExpression e => [e.Operand, e.Low, e.High],
        LikeExpression e => Some([e.Operand, e.Pattern, e.Escape]),
        Indirection e => [e.Operand, .. e.Steps.SelectMany(OfStep)],
        _ => OfRareExpression(expression),
    };

    private static IEnumerable<Node> OfRareExpression(Expression expression) => expression switch
    {
        CoalesceExpression e => e.Arguments,
        ExtremeExpression e => e.Arguments,
        NullIfExpression e => [e.Left, e.Right],
        DistinctTest e => [e.Left, e.Right],
        BooleanTest e => [e.Operand],
        ArrayComparison e => [e.Left, e.Array],
        ArrayConstructor e => e.Items,
        RowConstructor e => e.Items,
        CollateExpression e => [e.Operand],
        NamedArgument e => [e.Value],
        GroupingCall e => e.Arguments,
        XmlExpression e => [.. e.Named, .. e.Arguments],
        XmlSerialize e => [e.Operand],
        _ => [],
    };

    private static IEnumerable<Node> OfStep(IndirectionStep step) => step switch
    {
        SubscriptStep e => [e.Index],
        SliceStep e => Some([e.Lower, e.Upper]),
        _ => [],
    };

    private static IEnumerable<Node> Some(IEnumerable<Node?> nodes) => nodes.Where(node => node is not null)!;
}
