using Rqlite.Pg.Dialect.Binding;

namespace Rqlite.Pg.Dialect.Catalog.Deparsing;

/// <content>Parentheses. The pretty form has those alone that PostgreSQL does not know to be superfluous.</content>
internal sealed partial class Deparser
{
    /// <summary>The parenthesis around a whole expression, which the pretty form leaves to what the expression stands in.</summary>
    private void Open() => Add(_pretty ? "" : "(");

    private void Close() => Add(_pretty ? "" : ")");

    private void WriteWithin(BoundExpression value, bool showImplicit, BoundExpression parent)
    {
        var parenthesized = _pretty && !IsSimple(value, parent);
        Add(parenthesized ? "(" : "");
        Write(value, showImplicit);
        Add(parenthesized ? ")" : "");
    }

    private static bool IsSimple(BoundExpression value, BoundExpression parent) => value switch
    {
        Var or Const or Param or CaseTestExpr or SetToDefaultExpr => true,
        SubscriptingExpr or ArrayExpr or RowExpr or CoalesceExpr or MinMaxExpr or SqlValueExpr or NullIfExpr or Aggref or WindowFunc or FuncExpr or CaseExpr => true,
        FieldSelectExpr => parent is not FieldSelectExpr,
        CoerceToDomainExpr e => IsSimple(e.Argument, e),
        RelabelExpr e => IsSimple(e.Argument, e),
        CoerceViaIOExpr e => IsSimple(e.Argument, e),
        ArrayCoerceExpr e => IsSimple(e.Argument, e),
        OpExpr e when parent is OpExpr outer => BindsTighter(e, outer),
        OpExpr or SubLink or NullTestExpr or BooleanTestExpr or DistinctExpr => parent is BoolExpr || Separates(parent),
        BoolExpr e when parent is BoolExpr outer => e.Operator == BoolOperator.Or ? outer.Operator == BoolOperator.Or : outer.Operator != BoolOperator.Not,
        BoolExpr => Separates(parent),
        _ => false,
    };

    /// <summary>The parent has parentheses or commas of its own around its parts.</summary>
    private static bool Separates(BoundExpression parent) => parent switch
    {
        FuncExpr e => e.Form == CallForm.Call,
        SubscriptingExpr or ArrayExpr or RowExpr or CoalesceExpr or MinMaxExpr or NullIfExpr or Aggref or WindowFunc or CaseExpr => true,
        _ => false,
    };

    // Only the arithmetic operators of one character are known to bind as everybody expects.
    private static bool BindsTighter(OpExpr e, OpExpr outer)
    {
        var (inner, around) = (Priority(e), Priority(outer));
        return inner > 0 && around > 0 && (inner > around || (inner == around && ReferenceEquals(e, outer.Arguments[0])));
    }

    private static int Priority(OpExpr e) => e.Arguments.Count != 2 ? 0 : e.Operator.Name switch { "+" or "-" => 1, "*" or "/" or "%" => 2, _ => 0 };
}
