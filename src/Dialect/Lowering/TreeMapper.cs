using System.Runtime.CompilerServices;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>
/// Makes trees out of trees. The function is asked about each node from the root down, with the number of queries around the node within the root;
/// it gives another node in its place, or null to go on with the node's parts.
/// </summary>
internal sealed class TreeMapper(Func<BoundExpression, int, BoundExpression?> replace)
{
    /// <summary>Gives the relation that takes a relation's place; called before its own parts are mapped.</summary>
    public Func<RangeTableEntry, int, RangeTableEntry>? Relation { get; init; }

    public BoundExpression MapRoot(BoundExpression expression) => Map(expression, 0);

    public BoundExpression Map(BoundExpression expression, int level = 0)
    {
        if (replace(expression, level) is { } other)
        {
            return other;
        }

        return RuntimeHelpers.TryEnsureSufficientExecutionStack()
            ? MapParts(expression, level)
            : DeepTrees.RunOnThread(() => MapParts(expression, level));
    }

    /// <param name="level">That of the query's own expressions.</param>
    public BoundQuery Map(BoundQuery query, int level) => query with
    {
        CommonTables = [.. query.CommonTables.Select(table => table with { Query = Map(table.Query, level + 1) })],
        Relations = [.. query.Relations.Select(entry => MapEntry(entry, level))],
        From = [.. query.From.Select(item => Map(item, level))],
        Where = Optional(query.Where, level),
        Targets = Map(query.Targets, level),
        Having = Optional(query.Having, level),
        Windows = [.. query.Windows.Select(window => window with
        {
            StartOffset = Optional(window.StartOffset, level), EndOffset = Optional(window.EndOffset, level),
        })],
        Offset = Optional(query.Offset, level),
        Limit = Optional(query.Limit, level),
        OnConflict = query.OnConflict is { } conflict
            ? conflict with { Set = conflict.Set is null ? null : Map(conflict.Set, level), Where = Optional(conflict.Where, level) }
            : null,
        Returning = Map(query.Returning, level),
    };

    public FromItem Map(FromItem item, int level)
    {
        // Joins nest on the left as deep as the statement has joins.
        var joins = new Stack<FromJoin>();
        while (item is FromJoin join)
        {
            joins.Push(join);
            item = join.Left;
        }

        while (joins.TryPop(out var join))
        {
            item = join with { Left = item, Right = Map(join.Right, level), On = Optional(join.On, level) };
        }

        return item;
    }

    public NodeList<TargetEntry> Map(NodeList<TargetEntry> targets, int level) =>
        [.. targets.Select(target => target with { Value = Map(target.Value, level) })];

    private RangeTableEntry MapEntry(RangeTableEntry entry, int level)
    {
        entry = Relation?.Invoke(entry, level) ?? entry;
        return entry switch
        {
            SubqueryEntry e => e with { Query = Map(e.Query, level + 1) },
            FunctionEntry e => e with { Functions = [.. e.Functions.Select(function => function with { Call = Map(function.Call, level) })] },
            ValuesEntry e => e with { Rows = [.. e.Rows.Select(row => Map(row, level))] },
            JoinEntry e => e with { Values = Map(e.Values, level) },
            _ => entry,
        };
    }

    private BoundExpression MapParts(BoundExpression expression, int level) => expression switch
    {
        FuncExpr e => e with { Arguments = Map(e.Arguments, level) },
        OpExpr e => e with { Arguments = Map(e.Arguments, level) },
        BoolExpr e => e with { Arguments = Map(e.Arguments, level) },
        RelabelExpr e => e with { Argument = Map(e.Argument, level) },
        CoerceViaIOExpr e => e with { Argument = Map(e.Argument, level) },
        CoerceToDomainExpr e => e with { Argument = Map(e.Argument, level) },
        CollateExpr e => e with { Argument = Map(e.Argument, level) },
        CoalesceExpr e => e with { Arguments = Map(e.Arguments, level) },
        CaseExpr e => MapCase(e, level),
        SubLink e => e with { Query = Map(e.Query, level + 1), Left = Map(e.Left, level), Columns = Map(e.Columns, level) },
        _ => MapOther(expression, level),
    };

    private BoundExpression MapOther(BoundExpression expression, int level) => expression switch
    {
        DistinctExpr e => e with { Left = Map(e.Left, level), Right = Map(e.Right, level) },
        NullIfExpr e => e with { Left = Map(e.Left, level), Right = Map(e.Right, level) },
        ScalarArrayOpExpr e => e with { Scalar = Map(e.Scalar, level), Array = Map(e.Array, level) },
        ArrayCoerceExpr e => e with { Argument = Map(e.Argument, level), Element = Map(e.Element, level) },
        MinMaxExpr e => e with { Arguments = Map(e.Arguments, level) },
        NullTestExpr e => e with { Argument = Map(e.Argument, level) },
        BooleanTestExpr e => e with { Argument = Map(e.Argument, level) },
        ArrayExpr e => e with { Items = Map(e.Items, level) },
        RowExpr e => e with { Items = Map(e.Items, level) },
        RowCompareExpr e => e with { Left = Map(e.Left, level), Right = Map(e.Right, level) },
        FieldSelectExpr e => e with { Argument = Map(e.Argument, level) },
        SubscriptingExpr e => e with
        {
            Container = Map(e.Container, level), Upper = MapSome(e.Upper, level), Lower = e.Lower is null ? null : MapSome(e.Lower, level),
        },
        SubscriptAssignExpr e => e with
        {
            Container = Map(e.Container, level), Upper = MapSome(e.Upper, level), Lower = e.Lower is null ? null : MapSome(e.Lower, level),
            Value = Map(e.Value, level),
        },
        Aggref e => e with { Direct = Map(e.Direct, level), Arguments = Map(e.Arguments, level), Filter = Optional(e.Filter, level) },
        WindowFunc e => e with { Arguments = Map(e.Arguments, level), Filter = Optional(e.Filter, level) },
        _ => expression,
    };

    private CaseExpr MapCase(CaseExpr e, int level) => e with
    {
        Operand = Optional(e.Operand, level),
        Arms = [.. e.Arms.Select(arm => arm with { Condition = Map(arm.Condition, level), Result = Map(arm.Result, level) })],
        Default = Map(e.Default, level),
    };

    private NodeList<BoundExpression> Map(NodeList<BoundExpression> expressions, int level) => [.. expressions.Select(e => Map(e, level))];

    private NodeList<BoundExpression?> MapSome(NodeList<BoundExpression?> expressions, int level) =>
        [.. expressions.Select(e => Optional(e, level))];

    private BoundExpression? Optional(BoundExpression? expression, int level) => expression is null ? null : Map(expression, level);
}
