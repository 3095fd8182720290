namespace Rqlite.Pg.Dialect.Syntax;

public abstract record Expression(Location Location) : Node(Location);

public enum ConstantKind : byte
{
    Null,
    Boolean,
    Integer,

    /// <summary>A number with a point or an exponent, or one beyond 32 bits.</summary>
    Decimal,
    String,
    BitString,
    HexString,
}

/// <summary>A literal; a number may carry a minus sign, as PostgreSQL folds it into the constant.</summary>
public sealed record Constant(Location Location, ConstantKind Kind, string Text) : Expression(Location);

/// <summary><c>$1</c>.</summary>
public sealed record Parameter(Location Location, int Number) : Expression(Location);

/// <summary><c>a</c>, <c>a.b</c>, <c>a.*</c>, <c>*</c>.</summary>
public sealed record ColumnReference(Location Location, NodeList<string> Names, bool Star = false) : Expression(Location);

/// <summary>Fields and subscripts taken from a value: <c>(x).a[1]</c>.</summary>
public sealed record Indirection(Location Location, Expression Operand, NodeList<IndirectionStep> Steps) : Expression(Location);

public abstract record IndirectionStep(Location Location) : Node(Location);

public sealed record FieldStep(Location Location, string Name) : IndirectionStep(Location);

public sealed record StarStep(Location Location) : IndirectionStep(Location);

public sealed record SubscriptStep(Location Location, Expression Index) : IndirectionStep(Location);

public sealed record SliceStep(Location Location, Expression? Lower, Expression? Upper) : IndirectionStep(Location);

/// <summary><c>CAST(x AS t)</c>, <c>x::t</c> and <c>t 'x'</c>, which mean the same.</summary>
public sealed record TypeCast(Location Location, Expression Operand, TypeName Type) : Expression(Location);

public sealed record CollateExpression(Location Location, Expression Operand, NodeList<string> Collation) : Expression(Location);

/// <summary>An operator with one or two operands; more than one name if it is qualified.</summary>
public sealed record OperatorExpression(Location Location, NodeList<string> Operator, Expression? Left, Expression Right) : Expression(Location);

public enum BooleanOperator : byte
{
    And,
    Or,
}

/// <summary>AND or OR of two or more operands.</summary>
public sealed record BooleanExpression(Location Location, BooleanOperator Operator, NodeList<Expression> Operands) : Expression(Location);

public sealed record NotExpression(Location Location, Expression Operand) : Expression(Location);

public sealed record NullTest(Location Location, Expression Operand, bool Not) : Expression(Location);

public enum BooleanTestKind : byte
{
    True,
    False,
    Unknown,
}

/// <summary><c>IS [NOT] TRUE | FALSE | UNKNOWN</c>.</summary>
public sealed record BooleanTest(Location Location, Expression Operand, BooleanTestKind Kind, bool Not) : Expression(Location);

/// <summary><c>IS [NOT] DISTINCT FROM</c>.</summary>
public sealed record DistinctTest(Location Location, Expression Left, Expression Right, bool Not) : Expression(Location);

/// <summary><c>x [NOT] IN (a, b)</c>; with a query it is a <see cref="SubqueryExpression"/>.</summary>
public sealed record InList(Location Location, Expression Operand, NodeList<Expression> Items, bool Not) : Expression(Location);

public enum LikeKind : byte
{
    Like,
    Ilike,
    SimilarTo,
}

public sealed record LikeExpression(Location Location, LikeKind Kind, Expression Operand, Expression Pattern, Expression? Escape, bool Not)
    : Expression(Location);

public sealed record BetweenExpression(Location Location, Expression Operand, Expression Low, Expression High, bool Symmetric, bool Not)
    : Expression(Location);

/// <summary><c>x op ANY (array)</c> or <c>x op ALL (array)</c>.</summary>
public sealed record ArrayComparison(Location Location, NodeList<string> Operator, Expression Left, bool All, Expression Array)
    : Expression(Location);

public enum SubqueryKind : byte
{
    Scalar,
    Exists,
    Array,

    /// <summary><c>x op ANY (query)</c>; without an operator it is <c>x IN (query)</c>.</summary>
    Any,
    All,
}

public sealed record SubqueryExpression(Location Location, SubqueryKind Kind, Query Query, Expression? Operand = null,
    NodeList<string>? Operator = null)
    : Expression(Location);

public sealed record CaseExpression(Location Location, Expression? Operand, NodeList<CaseWhen> Whens, Expression? Else) : Expression(Location);

public sealed record CaseWhen(Location Location, Expression Condition, Expression Result) : Node(Location);

public sealed record CoalesceExpression(Location Location, NodeList<Expression> Arguments) : Expression(Location);

/// <summary>GREATEST or LEAST.</summary>
public sealed record ExtremeExpression(Location Location, bool Greatest, NodeList<Expression> Arguments) : Expression(Location);

public sealed record NullIfExpression(Location Location, Expression Left, Expression Right) : Expression(Location);

public sealed record ArrayConstructor(Location Location, NodeList<Expression> Items) : Expression(Location);

/// <summary><c>ROW(a, b)</c> or, if not explicit, <c>(a, b)</c>.</summary>
public sealed record RowConstructor(Location Location, NodeList<Expression> Items, bool Explicit) : Expression(Location);

/// <summary>DEFAULT as a value.</summary>
public sealed record DefaultValue(Location Location) : Expression(Location);

/// <summary>WHERE CURRENT OF; the cursor's name.</summary>
public sealed record CurrentOf(Location Location, string Cursor) : Expression(Location);

/// <summary>GROUPING(a, b).</summary>
public sealed record GroupingCall(Location Location, NodeList<Expression> Arguments) : Expression(Location);

/// <summary>How a call was written, where SQL has words of its own for it.</summary>
public enum CallSyntax : byte
{
    Call,
    AtTimeZone,
    CollationFor,
    Extract,
    IsNormalized,
    Normalize,
    Overlaps,
    Overlay,
    Position,
    Substring,
    SubstringSimilar,
    TrimBoth,
    TrimLeading,
    TrimTrailing,
    XmlExists,
}

/// <summary>
/// A call of a function, aggregate or window function. Where <see cref="Syntax"/> is not <see cref="CallSyntax.Call"/>, name and arguments
/// are those of the function of pg_catalog that the words stand for.
/// </summary>
public sealed record FunctionCall(Location Location, NodeList<string> Name, NodeList<Expression> Arguments) : Expression(Location)
{
    public CallSyntax Syntax { get; init; }

    /// <summary><c>f(*)</c>.</summary>
    public bool Star { get; init; }

    public bool Distinct { get; init; }

    /// <summary>The last argument is preceded by VARIADIC.</summary>
    public bool Variadic { get; init; }

    public NodeList<SortItem> OrderBy { get; init; } = [];

    /// <summary>The order stands in WITHIN GROUP.</summary>
    public bool WithinGroup { get; init; }

    public Expression? Filter { get; init; }

    public WindowSpecification? Over { get; init; }
}

/// <summary><c>name => value</c> within a call.</summary>
public sealed record NamedArgument(Location Location, string Name, Expression Value) : Expression(Location);

public enum SqlValueKind : byte
{
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    Localtime,
    Localtimestamp,
    CurrentRole,
    CurrentUser,
    User,
    SessionUser,
    CurrentCatalog,
    CurrentSchema,
}

/// <summary>A function that SQL calls without parentheses.</summary>
public sealed record SqlValueFunction(Location Location, SqlValueKind Kind, int? Precision = null) : Expression(Location);

public enum XmlKind : byte
{
    Concat,
    Element,
    Forest,
    ParseContent,
    ParseDocument,
    Pi,
    Root,
    IsDocument,
}

/// <summary>The standalone property of XMLROOT.</summary>
public enum XmlStandalone : byte
{
    Omitted,
    Yes,
    No,
    NoValue,
}

/// <summary>XMLELEMENT and its kin. XMLROOT's version is its second argument, null for NO VALUE.</summary>
public sealed record XmlExpression(Location Location, XmlKind Kind, string? Name, NodeList<Target> Named, NodeList<Expression> Arguments)
    : Expression(Location)
{
    public XmlStandalone Standalone { get; init; }

    public bool PreserveWhitespace { get; init; }
}

public sealed record XmlSerialize(Location Location, bool Document, Expression Operand, TypeName Type) : Expression(Location);

/// <summary>A type as it is written. Words of SQL for system types become their names in pg_catalog.</summary>
/// <param name="Modifiers">For an interval the mask of its fields comes first, as in PostgreSQL's tree.</param>
/// <param name="ArrayBounds">One a dimension; -1 for an open one.</param>
/// <param name="PercentType"><c>t.c%TYPE</c>.</param>
public sealed record TypeName(
    Location Location, NodeList<string> Names, NodeList<Expression> Modifiers, NodeList<int> ArrayBounds, bool SetOf = false,
        bool PercentType = false)
    : Node(Location);
