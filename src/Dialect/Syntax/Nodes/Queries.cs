namespace Rqlite.Pg.Dialect.Syntax;

public abstract record Statement(Location Location) : Node(Location)
{
    /// <summary>Set for the statements that <see cref="Parser.Parse"/> gives out.</summary>
    public Extent Extent { get; init; }
}

/// <summary>SELECT, VALUES or a set operation, with the clauses that each of them may carry.</summary>
public abstract record Query(Location Location) : Statement(Location)
{
    public With? With { get; init; }

    public NodeList<SortItem> OrderBy { get; init; } = [];

    /// <summary>LIMIT ALL is the constant NULL.</summary>
    public Expression? Limit { get; init; }

    public bool WithTies { get; init; }

    public Expression? Offset { get; init; }

    public NodeList<RowLocking> Locking { get; init; } = [];
}

/// <summary>A plain SELECT; TABLE t is SELECT * FROM t.</summary>
public sealed record SelectQuery(Location Location, NodeList<Target> Targets) : Query(Location)
{
    /// <summary>Null without DISTINCT; empty for DISTINCT over all columns; else DISTINCT ON.</summary>
    public NodeList<Expression>? Distinct { get; init; }

    public IntoClause? Into { get; init; }

    public NodeList<TableExpression> From { get; init; } = [];

    public Expression? Where { get; init; }

    public NodeList<Node> GroupBy { get; init; } = [];

    public bool GroupByDistinct { get; init; }

    public Expression? Having { get; init; }

    public NodeList<WindowSpecification> Windows { get; init; } = [];
}

public sealed record ValuesQuery(Location Location, NodeList<NodeList<Expression>> Rows) : Query(Location);

public enum SetOperator : byte
{
    Union,
    Intersect,
    Except,
}

/// <summary>Two or more queries joined by the same operator, from left to right.</summary>
public sealed record SetOperation(Location Location, SetOperator Operator, bool All, NodeList<Query> Operands) : Query(Location);

/// <summary>A value of a select list, of RETURNING or of XML's named arguments.</summary>
public sealed record Target(Location Location, Expression Value, string? Label = null) : Node(Location);

public enum NullsOrder : byte
{
    Default,
    First,
    Last,
}

public enum SortDirection : byte
{
    Default,
    Ascending,
    Descending,
    Using,
}

public sealed record SortItem(Location Location, Expression Value, SortDirection Direction, NodeList<string>? Operator, NullsOrder Nulls)
    : Node(Location)
{
    /// <summary>Where the operator of USING stands.</summary>
    public Location OperatorLocation { get; init; } = Location.None;
}

public enum GroupingSetKind : byte
{
    Empty,
    Rollup,
    Cube,
    Sets,
}

/// <summary>An item of GROUP BY that is no expression.</summary>
public sealed record GroupingSet(Location Location, GroupingSetKind Kind, NodeList<Node> Items) : Node(Location);

public sealed record With(Location Location, bool Recursive, NodeList<CommonTable> Tables) : Node(Location);

public sealed record CommonTable(Location Location, string Name, NodeList<string> Columns, bool? Materialized, Statement Statement) : Node(Location)
{
    public SearchClause? Search { get; init; }

    public CycleClause? Cycle { get; init; }
}

public sealed record SearchClause(Location Location, bool BreadthFirst, NodeList<string> Columns, string SequenceColumn) : Node(Location);

public sealed record CycleClause(
    Location Location, NodeList<string> Columns, string MarkColumn, Expression? MarkValue, Expression? MarkDefault, string PathColumn)
        : Node(Location);

public enum LockStrength : byte
{
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

public enum LockWait : byte
{
    Wait,
    Skip,
    Error,
}

/// <summary>FOR UPDATE and its kin.</summary>
public sealed record RowLocking(Location Location, LockStrength Strength, NodeList<QualifiedName> Relations, LockWait Wait) : Node(Location);

public enum Persistence : byte
{
    Permanent,
    Temporary,
    Unlogged,
}

/// <summary>The table that SELECT INTO makes.</summary>
public sealed record IntoClause(Location Location, QualifiedName Name, Persistence Persistence) : Node(Location);

public enum FrameMode : byte
{
    Range,
    Rows,
    Groups,
}

public enum FrameBoundKind : byte
{
    UnboundedPreceding,
    Preceding,
    CurrentRow,
    Following,
    UnboundedFollowing,
}

public enum FrameExclusion : byte
{
    None,
    CurrentRow,
    Group,
    Ties,
}

public sealed record FrameBound(Location Location, FrameBoundKind Kind, Expression? Offset = null) : Node(Location);

/// <param name="End">Null without BETWEEN, where it is CURRENT ROW.</param>
public sealed record WindowFrame(Location Location, FrameMode Mode, FrameBound Start, FrameBound? End, FrameExclusion Exclusion) : Node(Location);

/// <summary>A window's definition.</summary>
/// <param name="Name">Its name in WINDOW; in OVER name, the window that it is.</param>
/// <param name="Base">The window that it goes out from.</param>
public sealed record WindowSpecification(
    Location Location, string? Name, string? Base, NodeList<Expression> PartitionBy, NodeList<SortItem> OrderBy, WindowFrame? Frame) : Node(Location)
{
    /// <summary><c>OVER name</c>: the window itself rather than one made from it.</summary>
    public bool IsReference { get; init; }
}

/// <summary>A name of up to three parts: catalog, schema, name.</summary>
public sealed record QualifiedName(Location Location, NodeList<string> Parts) : Node(Location)
{
    public string Name => Parts[^1];

    public string? Schema => Parts.Count > 1 ? Parts[^2] : null;

    public string? Catalog => Parts.Count > 2 ? Parts[^3] : null;
}

public abstract record TableExpression(Location Location) : Node(Location);

public sealed record TableAlias(Location Location, string Name, NodeList<string> Columns) : Node(Location);

/// <param name="Only">ONLY: without the tables that inherit from it.</param>
public sealed record RelationReference(Location Location, QualifiedName Name, bool Only = false, TableAlias? Alias = null)
    : TableExpression(Location);

public sealed record TableSample(
    Location Location, RelationReference Relation, NodeList<string> Method, NodeList<Expression> Arguments, Expression? Repeatable)
    : TableExpression(Location);

public sealed record SubqueryTable(Location Location, bool Lateral, Query Query, TableAlias Alias) : TableExpression(Location);

/// <summary>A function in FROM, or several in ROWS FROM.</summary>
public sealed record FunctionTable(Location Location, bool Lateral, bool RowsFrom, NodeList<TableFunction> Functions, bool Ordinality,
    TableAlias? Alias)
    : TableExpression(Location)
{
    /// <summary>The columns of a function that returns records, with their types.</summary>
    public NodeList<ColumnDefinition> Columns { get; init; } = [];
}

public sealed record TableFunction(Location Location, Expression Call, NodeList<ColumnDefinition> Columns) : Node(Location);

public sealed record XmlTable(
    Location Location, bool Lateral, NodeList<Target> Namespaces, Expression Row, Expression Document, NodeList<XmlTableColumn> Columns,
        TableAlias? Alias)
    : TableExpression(Location);

/// <param name="Type">Null for FOR ORDINALITY.</param>
public sealed record XmlTableColumn(Location Location, string Name, TypeName? Type, Expression? Path, Expression? Default, bool NotNull)
    : Node(Location);

public enum JoinKind : byte
{
    Inner,
    Left,
    Right,
    Full,
}

/// <summary>A join; without NATURAL, USING and ON it is a CROSS JOIN.</summary>
public sealed record JoinExpression(Location Location, JoinKind Kind, bool Natural, TableExpression Left, TableExpression Right)
    : TableExpression(Location)
{
    public NodeList<string> Using { get; init; } = [];

    public string? UsingAlias { get; init; }

    public Expression? On { get; init; }

    public TableAlias? Alias { get; init; }
}
