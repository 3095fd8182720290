using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>
/// An expression after parse analysis: names are resolved, every node has its type, and all conversions are nodes. The kinds and their names are
/// those of PostgreSQL's own tree (src/include/nodes/primnodes.h), so that what it prints and how it resolves can be followed.
/// </summary>
/// <param name="Type">The type with its modifier.</param>
/// <param name="Collation">The collation's OID; 0 for a type without.</param>
public abstract record BoundExpression(PgType Type, uint Collation, Location Location);

/// <summary>A column of a relation in scope.</summary>
/// <param name="Relation">The relation's index in <see cref="BoundQuery.Relations"/> of the query <paramref name="LevelsUp"/> levels up.</param>
/// <param name="Attribute">
/// The column's number from 1; 0 for the whole row; the negative numbers of pg_attribute for system columns.
/// </param>
public sealed record Var(int Relation, short Attribute, int LevelsUp, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A constant.</summary>
/// <param name="Text">The value in the type's text form with ISO styles, UTC and a full precision; null for NULL.</param>
/// <param name="Lift">The literal's index in <see cref="LiteralTokens"/> if its value may be given as a parameter instead; -1 if it may not.</param>
public sealed record Const(string? Text, PgType Type, uint Collation, Location Location, int Lift = -1) : BoundExpression(Type, Collation, Location)
{
    // Where a constant was written is no part of what it says, as with locations. Whoever finds two equal fixes their literals.
    public bool Equals(Const? other) => base.Equals(other) && Text == other.Text;

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Text);
}

/// <summary><c>$n</c>.</summary>
public sealed record Param(int Number, PgType Type, uint Collation, Location Location) : BoundExpression(Type, Collation, Location);

/// <summary>How a call came about, which decides how it is printed.</summary>
public enum CallForm : byte
{
    /// <summary>Written as a call.</summary>
    Call,

    /// <summary>A cast that was written.</summary>
    ExplicitCast,

    /// <summary>A cast that the context asked for.</summary>
    ImplicitCast,

    /// <summary>Words of SQL for a function; see <see cref="FuncExpr.Syntax"/>.</summary>
    Syntax,
}

/// <summary>A call of a plain function. Defaults of missing arguments are filled in, variadic arguments gathered into an array.</summary>
/// <param name="Variadic">The last argument is the array of the variadic ones.</param>
public sealed record FuncExpr(
    PgFunction Function, NodeList<BoundExpression> Arguments, CallForm Form, bool Variadic, PgType Type, uint Collation, uint InputCollation,
    Location Location) : BoundExpression(Type, Collation, Location)
{
    public CallSyntax Syntax { get; init; }

    /// <summary>The function returns a set.</summary>
    public bool ReturnsSet => Function.ReturnsSet;
}

/// <summary>An operator with one or two operands; the type is not always the operator's own (polymorphic ones).</summary>
public sealed record OpExpr(
    PgOperator Operator, NodeList<BoundExpression> Arguments, PgType Type, uint Collation, uint InputCollation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>IS DISTINCT FROM by an equality operator; IS NOT DISTINCT FROM is NOT over it.</summary>
public sealed record DistinctExpr(PgOperator Operator, BoundExpression Left, BoundExpression Right, uint InputCollation, Location Location)
    : BoundExpression(new(PgTypes.Bool), 0, Location);

public sealed record NullIfExpr(
    PgOperator Operator, BoundExpression Left, BoundExpression Right, PgType Type, uint Collation, uint InputCollation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary><c>x op ANY (array)</c> or ALL. IN over a list is one over an <see cref="ArrayExpr"/> where PostgreSQL makes it one.</summary>
/// <param name="Any">ANY rather than ALL.</param>
public sealed record ScalarArrayOpExpr(
    PgOperator Operator, bool Any, BoundExpression Scalar, BoundExpression Array, uint InputCollation, Location Location)
    : BoundExpression(new(PgTypes.Bool), 0, Location);

public enum BoolOperator : byte
{
    And,
    Or,
    Not,
}

public sealed record BoolExpr(BoolOperator Operator, NodeList<BoundExpression> Arguments, Location Location)
    : BoundExpression(new(PgTypes.Bool), 0, Location);

/// <summary>A conversion between types of one representation (varchar and text), or a change of the modifier alone.</summary>
public sealed record RelabelExpr(BoundExpression Argument, CallForm Form, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A conversion by the text form: the source's output function, then the target's input function.</summary>
public sealed record CoerceViaIOExpr(BoundExpression Argument, CallForm Form, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A conversion of each element of an array.</summary>
/// <param name="Element">The conversion of one element, which is a <see cref="CaseTestExpr"/> within it.</param>
public sealed record ArrayCoerceExpr(
    BoundExpression Argument, BoundExpression Element, CallForm Form, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A value of the base type as one of the domain, whose constraints are checked.</summary>
public sealed record CoerceToDomainExpr(BoundExpression Argument, CallForm Form, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary><c>x COLLATE c</c>.</summary>
public sealed record CollateExpr(BoundExpression Argument, uint Collation, Location Location)
    : BoundExpression(Argument.Type, Collation, Location);

/// <summary>CASE. With an operand, each condition compares a <see cref="CaseTestExpr"/>, which stands for it.</summary>
/// <param name="Default">ELSE; a NULL of the type where there is none.</param>
public sealed record CaseExpr(
    BoundExpression? Operand, NodeList<CaseArm> Arms, BoundExpression Default, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

public sealed record CaseArm(BoundExpression Condition, BoundExpression Result, Location Location);

/// <summary>The value that the nearest CASE, conversion of an array or domain's constraint around it is about.</summary>
public sealed record CaseTestExpr(PgType Type, uint Collation) : BoundExpression(Type, Collation, Location.None);

public sealed record CoalesceExpr(NodeList<BoundExpression> Arguments, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>GREATEST or LEAST.</summary>
public sealed record MinMaxExpr(
    bool Greatest, NodeList<BoundExpression> Arguments, PgType Type, uint Collation, uint InputCollation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <param name="RowTest">The operand is a row, whose fields are tested each.</param>
public sealed record NullTestExpr(BoundExpression Argument, bool Not, bool RowTest, Location Location)
    : BoundExpression(new(PgTypes.Bool), 0, Location);

public sealed record BooleanTestExpr(BoundExpression Argument, BooleanTestKind Kind, bool Not, Location Location)
    : BoundExpression(new(PgTypes.Bool), 0, Location);

/// <summary>ARRAY[…].</summary>
/// <param name="Multidimensional">The items are arrays themselves, of one dimension fewer.</param>
public sealed record ArrayExpr(NodeList<BoundExpression> Items, bool Multidimensional, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A row of anonymous type (record).</summary>
public sealed record RowExpr(NodeList<BoundExpression> Items, NodeList<string> Names, Location Location)
    : BoundExpression(new(PgTypes.Record), 0, Location);

public enum RowCompareKind : byte
{
    Less,
    LessEqual,
    GreaterEqual,
    Greater,
}

/// <summary>An ordering comparison of rows, column by column; equality is an AND of <see cref="OpExpr"/>.</summary>
public sealed record RowCompareExpr(
    RowCompareKind Kind, NodeList<PgOperator> Operators, NodeList<BoundExpression> Left, NodeList<BoundExpression> Right, NodeList<uint> Collations,
    Location Location) : BoundExpression(new(PgTypes.Bool), 0, Location);

/// <summary>A field of a row value.</summary>
/// <param name="Field">From 1.</param>
public sealed record FieldSelectExpr(BoundExpression Argument, short Field, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>A subscript or a slice of an array or of jsonb.</summary>
/// <param name="Upper">The subscripts; for a slice its upper bounds, null where they are left out.</param>
/// <param name="Lower">The lower bounds of a slice; null as a whole for single elements.</param>
public sealed record SubscriptingExpr(
    BoundExpression Container, NodeList<BoundExpression?> Upper, NodeList<BoundExpression?>? Lower, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location);

/// <summary>
/// A container with an element or slice replaced, for <c>SET a[1] = x</c>. Where a statement sets several elements of a column, the container is
/// another one of these.
/// </summary>
/// <param name="Upper">As in <see cref="SubscriptingExpr"/>, as is <paramref name="Lower"/>.</param>
/// <param name="Value">The new element, or the new elements as an array for a slice.</param>
public sealed record SubscriptAssignExpr(
    BoundExpression Container, NodeList<BoundExpression?> Upper, NodeList<BoundExpression?>? Lower, BoundExpression Value, PgType Type, uint Collation,
    Location Location) : BoundExpression(Type, Collation, Location);

/// <summary>CURRENT_DATE, CURRENT_USER and their kin.</summary>
public sealed record SqlValueExpr(SqlValueKind Kind, PgType Type, uint Collation, Location Location) : BoundExpression(Type, Collation, Location);

/// <summary>DEFAULT in a list of values, until it is replaced by the column's default.</summary>
public sealed record SetToDefaultExpr(PgType Type, uint Collation, Location Location) : BoundExpression(Type, Collation, Location);

public enum SubLinkKind : byte
{
    Exists,

    /// <summary>ALL, over the rows.</summary>
    All,
    Any,

    /// <summary>A row compared with the one row of the query.</summary>
    RowCompare,

    /// <summary>A scalar.</summary>
    Expression,

    /// <summary>The columns of one row, for <c>SET (a, b) = (SELECT …)</c>.</summary>
    Multi,
    Array,
}

/// <summary>A query within an expression.</summary>
/// <param name="Left">The operands on the left of ANY, ALL and a comparison of rows; empty otherwise.</param>
/// <param name="Operators">One a column, between <paramref name="Left"/> and the query's columns after their conversions.</param>
public sealed record SubLink(
    SubLinkKind Kind, BoundQuery Query, NodeList<BoundExpression> Left, NodeList<PgOperator> Operators, PgType Type, uint Collation, Location Location)
    : BoundExpression(Type, Collation, Location)
{
    /// <summary>The conversions of the query's columns for the comparison; each is over a <see cref="CaseTestExpr"/>, empty without any.</summary>
    public NodeList<BoundExpression> Columns { get; init; } = [];

    /// <summary>The operators are to be joined by OR (for &lt;&gt;) rather than AND.</summary>
    public bool UseOr { get; init; }

    /// <summary>For a comparison of rows by order.</summary>
    public RowCompareKind? RowCompare { get; init; }
}

/// <summary>A call of an aggregate.</summary>
/// <param name="Direct">The arguments of an ordered-set aggregate that are not aggregated.</param>
/// <param name="Arguments">The aggregated arguments; further expressions that only order have <see cref="TargetEntry.Junk"/>.</param>
public sealed record Aggref(
    PgFunction Function, PgAggregate Aggregate, NodeList<BoundExpression> Direct, NodeList<TargetEntry> Arguments, PgType Type, uint Collation,
    uint InputCollation, Location Location) : BoundExpression(Type, Collation, Location)
{
    public NodeList<SortClause> OrderBy { get; init; } = [];

    /// <summary>Set for DISTINCT; refers to <see cref="Arguments"/>.</summary>
    public NodeList<SortClause> Distinct { get; init; } = [];

    public BoundExpression? Filter { get; init; }

    public bool Star { get; init; }

    public bool Variadic { get; init; }

    /// <summary>The query whose rows are aggregated is this many levels up.</summary>
    public int LevelsUp { get; init; }
}

/// <summary>A call of a window function, or of an aggregate over a window.</summary>
/// <param name="Aggregate">Null for a window function proper.</param>
/// <param name="Window">The index in <see cref="BoundQuery.Windows"/>.</param>
public sealed record WindowFunc(
    PgFunction Function, PgAggregate? Aggregate, NodeList<BoundExpression> Arguments, BoundExpression? Filter, int Window, bool Star, PgType Type,
    uint Collation, uint InputCollation, Location Location) : BoundExpression(Type, Collation, Location);

/// <summary>A column of a select list, of VALUES of an UPDATE, of RETURNING, or an argument of an aggregate.</summary>
public sealed record TargetEntry(BoundExpression Value, short Number, string? Name)
{
    /// <summary>Referred to by <see cref="SortClause.Reference"/>; 0 for none.</summary>
    public int SortReference { get; init; }

    /// <summary>Not part of the result.</summary>
    public bool Junk { get; init; }

    /// <summary>The OID of the table whose column the value is, 0 for an expression.</summary>
    public uint TableOid { get; init; }

    /// <summary>The number of that column.</summary>
    public short TableColumn { get; init; }
}

/// <summary>An item of ORDER BY, GROUP BY, DISTINCT or PARTITION BY.</summary>
/// <param name="Reference">The <see cref="TargetEntry.SortReference"/> of its expression.</param>
/// <param name="Equality">The equality operator of its type; null for a type that can only be ordered so far.</param>
/// <param name="Order">The operator &lt; or &gt;; null where only equality is asked for.</param>
public sealed record SortClause(int Reference, PgOperator? Equality, PgOperator? Order, bool NullsFirst, bool Descending);
