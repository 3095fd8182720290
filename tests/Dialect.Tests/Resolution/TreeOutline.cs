using System.Globalization;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Resolution;

/// <summary>Writes a tree as the oracle's recorder writes PostgreSQL's (Outline.cs of tests/ResolutionOracle).</summary>
internal sealed class TreeOutline(TypeLookup types)
{
    public string TypeName(uint oid) => types.Find(oid)!.Name;

    public string Describe(BoundExpression? node) => node switch
    {
        null => "",
        Const e => "C" + Type(e, modifier: true) + Value(e) + Place(e),
        Var e => "V" + Type(e, modifier: true) + Place(e),
        OpExpr e => $"O{e.Operator.Oid}{Type(e)}{Input(e.InputCollation)}{Place(e)}{List(e.Arguments)}",
        DistinctExpr e => $"X{e.Operator.Oid}{Input(e.InputCollation)}({Describe(e.Left)},{Describe(e.Right)})",
        NullIfExpr e => $"N{e.Operator.Oid}{Type(e)}{Input(e.InputCollation)}({Describe(e.Left)},{Describe(e.Right)})",
        ScalarArrayOpExpr e => $"S{e.Operator.Oid}{(e.Any ? "any" : "all")}{Input(e.InputCollation)}{Place(e)}"
            + $"({Describe(e.Scalar)},{Describe(e.Array)})",
        FuncExpr e => $"F{e.Function.Oid}{Type(e)}{Input(e.InputCollation)}{Form(e.Form)}{(e.Variadic ? "*" : "")}{Place(e)}{Arguments(e)}",
        Aggref e => $"G{e.Function.Oid}{Type(e)}{Input(e.InputCollation)}{(e.Variadic ? "*" : "")}"
            + $"({string.Join(",", e.Arguments.Select(argument => Describe(argument.Value)))})",
        WindowFunc e => $"U{e.Function.Oid}{Type(e)}{Input(e.InputCollation)}{List(e.Arguments)}",
        RelabelExpr e => $"R{Type(e, modifier: true)}{Form(e.Form)}{Place(e)}({Describe(e.Argument)})",
        CoerceViaIOExpr e => $"I{Type(e)}{Form(e.Form)}{Place(e)}({Describe(e.Argument)})",
        ArrayCoerceExpr e => $"A{Type(e, modifier: true)}{Form(e.Form)}{Place(e)}({Describe(e.Argument)};{Describe(e.Element)})",
        CoerceToDomainExpr e => $"D{Type(e)}{Form(e.Form)}{Place(e)}({Describe(e.Argument)})",
        CollateExpr e => $"L@{Collation(e.Collation)}({Describe(e.Argument)})",
        CaseTestExpr e => "T" + Type(e, modifier: true),
        BoolExpr e => $"B{e.Operator switch { BoolOperator.And => "and", BoolOperator.Or => "or", _ => "not" }}{List(e.Arguments)}",
        CaseExpr e => $"K{Type(e)}({Describe(e.Operand)};"
            + $"{string.Join(",", e.Arms.Select(arm => Describe(arm.Condition) + "=>" + Describe(arm.Result)))};{Describe(e.Default)})",
        CoalesceExpr e => "Q" + Type(e) + List(e.Arguments),
        MinMaxExpr e => "M" + Type(e) + Input(e.InputCollation) + List(e.Arguments),
        ArrayExpr e => "Y" + Type(e) + List(e.Items),
        RowExpr e => "W:record" + List(e.Items),
        NullTestExpr e => $"Z({Describe(e.Argument)})",
        BooleanTestExpr e => $"Z({Describe(e.Argument)})",
        SqlValueExpr e => "H:" + TypeName(e.Type.Oid),
        _ => "?" + node.GetType().Name,
    };

    private string List(IEnumerable<BoundExpression> items) => $"({string.Join(",", items.Select(Describe))})";

    private string Type(BoundExpression node, bool modifier = false) => ":" + TypeName(node.Type.Oid)
        + (modifier && node.Type.Modifier != -1 ? "/" + node.Type.Modifier.ToString(CultureInfo.InvariantCulture) : "")
        + (node.Collation == 0 ? "" : "@" + Collation(node.Collation));

    private static string Input(uint collation) => collation == 0 ? "" : "#" + Collation(collation);

    private static string Value(Const constant) => constant.Text is null ? "!"
        : constant.Type.Oid == PgTypes.Int4 ? "=" + constant.Text
        : constant.Type.Oid == PgTypes.Bool ? constant.Text == "t" ? "=1" : "=0"
        : "";

    /// <summary>A constant without a place in a call is the default of an argument.</summary>
    private string Arguments(FuncExpr call) => call.Form is CallForm.Call or CallForm.Syntax
        ? $"({string.Join(",", call.Arguments.Select(argument => argument is Const { Location.Offset: < 0 } ? "_" : Describe(argument)))})"
        : List(call.Arguments);

    private static string Place(BoundExpression node) =>
        node.Location.Offset < 0 ? "" : "^" + node.Location.Offset.ToString(CultureInfo.InvariantCulture);

    private static string Form(CallForm form) => form switch
    {
        CallForm.Call => "",
        CallForm.ExplicitCast => "e",
        CallForm.ImplicitCast => "i",
        _ => "s",
    };

    private static string Collation(uint oid) => oid switch
    {
        CollationNames.Default => "d",
        CollationNames.C => "C",
        CollationNames.Posix => "P",
        _ => "u",
    };
}
