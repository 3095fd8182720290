namespace Rqlite.Pg.Dialect.Syntax;

public enum DropBehavior : byte
{
    Default,
    Restrict,
    Cascade,
}

/// <summary>The kind of object that a definition, a change, a comment or a privilege is about.</summary>
public enum ObjectKind : byte
{
    AccessMethod,
    Aggregate,
    Attribute,
    Cast,
    Collation,
    Column,
    Constraint,
    Conversion,
    Database,
    Domain,
    DomainConstraint,
    EventTrigger,
    Extension,
    ForeignDataWrapper,
    ForeignServer,
    ForeignTable,
    Function,
    Index,
    Language,
    LargeObject,
    MaterializedView,
    Operator,
    OperatorClass,
    OperatorFamily,
    Parameter,
    Policy,
    Procedure,
    Publication,
    Role,
    Routine,
    Rule,
    Schema,
    Sequence,
    Statistics,
    Subscription,
    Table,
    TableConstraint,
    Tablespace,
    TextSearchConfiguration,
    TextSearchDictionary,
    TextSearchParser,
    TextSearchTemplate,
    Transform,
    Trigger,
    Type,
    View,
}

/// <summary>A name of a column with its type and constraints, also within a composite type, a function in FROM or a foreign table.</summary>
/// <param name="Type">Null in a table OF a type, in a partition, and in a view.</param>
public sealed record ColumnDefinition(Location Location, string Name, TypeName? Type, NodeList<TableConstraint> Constraints) : TableElement(Location)
{
    public NodeList<string>? Collation { get; init; }

    /// <summary>Where COLLATE stands, in a column of a function in FROM.</summary>
    public Location CollationLocation { get; init; } = Location.None;

    public string? Compression { get; init; }

    public NodeList<Option> ForeignOptions { get; init; } = [];
}

public abstract record TableElement(Location Location) : Node(Location);

/// <summary>LIKE table within CREATE TABLE; what it includes and excludes, in their order, as INCLUDING x or EXCLUDING x.</summary>
public sealed record LikeElement(Location Location, QualifiedName Table, NodeList<string> Options) : TableElement(Location);

public enum ConstraintKind : byte
{
    Null,
    NotNull,
    Default,
    Identity,
    Generated,
    Check,
    PrimaryKey,
    Unique,
    Exclusion,
    ForeignKey,

    /// <summary>An attribute (DEFERRABLE, NOT VALID, …), which PostgreSQL's grammar keeps as a constraint behind the one that it belongs to.</summary>
    Deferrable,
    NotDeferrable,
    InitiallyDeferred,
    InitiallyImmediate,
}

/// <summary>A constraint of a column, a table or a domain.</summary>
public sealed record TableConstraint(Location Location, ConstraintKind Kind, string? Name = null) : TableElement(Location)
{
    /// <summary>Of CHECK, DEFAULT and GENERATED.</summary>
    public Expression? Value { get; init; }

    /// <summary>CHECK … NO INHERIT.</summary>
    public bool NoInherit { get; init; }

    /// <summary>GENERATED ALWAYS rather than BY DEFAULT.</summary>
    public bool Always { get; init; }

    public NodeList<SequenceOption> Sequence { get; init; } = [];

    public NodeList<string> Columns { get; init; } = [];

    public NodeList<string> Include { get; init; } = [];

    public NodeList<Option> Options { get; init; } = [];

    public string? Tablespace { get; init; }

    public bool NullsNotDistinct { get; init; }

    /// <summary>USING INDEX: the index that the constraint takes over.</summary>
    public string? Index { get; init; }

    public ForeignKeyReference? References { get; init; }

    public string? AccessMethod { get; init; }

    public NodeList<ExclusionElement> Exclusions { get; init; } = [];

    public Expression? Where { get; init; }

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }

    public bool NotValid { get; init; }
}

public sealed record ExclusionElement(Location Location, IndexElement Element, NodeList<string> Operator) : Node(Location);

public enum ReferentialMatch : byte
{
    Simple,
    Full,
    Partial,
}

public enum ReferentialAction : byte
{
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

public sealed record ForeignKeyReference(
    Location Location, QualifiedName Table, NodeList<string> Columns, ReferentialMatch Match, ReferentialAction OnUpdate, ReferentialAction OnDelete)
    : Node(Location)
{
    public NodeList<string> OnDeleteColumns { get; init; } = [];
}

public enum SequenceOptionKind : byte
{
    As,
    Cache,
    Cycle,
    NoCycle,
    Increment,
    MaxValue,
    MinValue,
    NoMaxValue,
    NoMinValue,
    OwnedBy,
    SequenceName,
    Start,
    Restart,

    /// <summary>Of ALTER COLUMN: SET GENERATED.</summary>
    GeneratedAlways,
    GeneratedByDefault,
}

/// <param name="Value">A number as it is written; null for RESTART alone and for options without one.</param>
public sealed record SequenceOption(Location Location, SequenceOptionKind Kind, string? Value = null, TypeName? Type = null,
    NodeList<string>? Name = null)
    : Node(Location);

public enum OnCommit : byte
{
    Default,
    PreserveRows,
    DeleteRows,
    Drop,
}

public sealed record CreateTableStatement(Location Location, QualifiedName Name, Persistence Persistence, bool IfNotExists,
    NodeList<TableElement> Elements)
    : Statement(Location)
{
    public NodeList<QualifiedName> Inherits { get; init; } = [];

    public NodeList<string>? OfType { get; init; }

    public QualifiedName? PartitionOf { get; init; }

    public PartitionBound? Bound { get; init; }

    public PartitionSpecification? PartitionBy { get; init; }

    public string? AccessMethod { get; init; }

    public NodeList<Option> Options { get; init; } = [];

    public OnCommit OnCommit { get; init; }

    public string? Tablespace { get; init; }

    /// <summary>Of a foreign table.</summary>
    public string? Server { get; init; }

    public NodeList<Option> ServerOptions { get; init; } = [];
}

public sealed record PartitionSpecification(Location Location, string Strategy, NodeList<IndexElement> Elements) : Node(Location);

public enum PartitionBoundKind : byte
{
    Default,
    In,
    Range,
    Hash,
}

/// <param name="Values">Of IN, and FROM of a range.</param>
public sealed record PartitionBound(
    Location Location, PartitionBoundKind Kind, NodeList<Expression> Values, NodeList<Expression> To, int Modulus = 0, int Remainder = 0)
        : Node(Location);

/// <summary>CREATE TABLE AS and CREATE MATERIALIZED VIEW; the source is a query or EXECUTE.</summary>
public sealed record CreateTableAsStatement(
    Location Location, bool MaterializedView, QualifiedName Name, Persistence Persistence, bool IfNotExists, NodeList<string> Columns,
        Statement Source)
    : Statement(Location)
{
    public string? AccessMethod { get; init; }

    public NodeList<Option> Options { get; init; } = [];

    public OnCommit OnCommit { get; init; }

    public string? Tablespace { get; init; }

    public bool WithNoData { get; init; }
}

public enum ViewCheck : byte
{
    None,
    Local,
    Cascaded,
}

public sealed record CreateViewStatement(
    Location Location, QualifiedName Name, Persistence Persistence, bool OrReplace, bool Recursive, NodeList<string> Columns,
        NodeList<Option> Options,
    Query Query, ViewCheck Check) : Statement(Location);

/// <summary>A column or an expression of an index, a conflict target or a partition key.</summary>
public sealed record IndexElement(Location Location, string? Column, Expression? Value) : Node(Location)
{
    public NodeList<string>? Collation { get; init; }

    public NodeList<string>? OperatorClass { get; init; }

    public NodeList<Option> OperatorClassOptions { get; init; } = [];

    public SortDirection Direction { get; init; }

    public NullsOrder Nulls { get; init; }
}

public sealed record CreateIndexStatement(
    Location Location, string? Name, RelationReference Table, bool Unique, bool Concurrently, bool IfNotExists, NodeList<IndexElement> Elements)
    : Statement(Location)
{
    public string? AccessMethod { get; init; }

    public NodeList<IndexElement> Include { get; init; } = [];

    public bool NullsNotDistinct { get; init; }

    public NodeList<Option> Options { get; init; } = [];

    public string? Tablespace { get; init; }

    public Expression? Where { get; init; }
}

public sealed record CreateSequenceStatement(
    Location Location, QualifiedName Name, Persistence Persistence, bool IfNotExists, NodeList<SequenceOption> Options) : Statement(Location);

public sealed record AlterSequenceStatement(Location Location, QualifiedName Name, bool IfExists, NodeList<SequenceOption> Options)
    : Statement(Location);

/// <param name="Name">Null where it is the owner's name.</param>
public sealed record CreateSchemaStatement(Location Location, string? Name, RoleName? Owner, bool IfNotExists, NodeList<Statement> Elements)
    : Statement(Location);

public sealed record CreateDomainStatement(
    Location Location, QualifiedName Name, TypeName Type, NodeList<string>? Collation, NodeList<TableConstraint> Constraints) : Statement(Location);

public sealed record CreateEnumStatement(Location Location, QualifiedName Name, NodeList<string> Labels) : Statement(Location);

public sealed record AlterEnumStatement(Location Location, QualifiedName Name, string Label, bool IfNotExists) : Statement(Location)
{
    /// <summary>The label that RENAME VALUE changes into <see cref="Label"/>.</summary>
    public string? Renamed { get; init; }

    public string? Neighbor { get; init; }

    public bool After { get; init; }
}

public sealed record CreateCompositeTypeStatement(Location Location, QualifiedName Name, NodeList<ColumnDefinition> Attributes) : Statement(Location);

public sealed record CreateRangeTypeStatement(Location Location, QualifiedName Name, NodeList<Option> Options) : Statement(Location);

/// <summary>CREATE AGGREGATE, OPERATOR, TYPE, COLLATION or a part of text search, by a list of options; a shell type has none.</summary>
/// <param name="From">The collation that is copied.</param>
public sealed record CreateObjectStatement(
    Location Location, ObjectKind Kind, ObjectName Name, NodeList<Option>? Options, bool OrReplace = false, bool IfNotExists = false,
    NodeList<string>? From = null) : Statement(Location);

public sealed record CreateExtensionStatement(Location Location, string Name, bool IfNotExists, NodeList<Option> Options) : Statement(Location);

public sealed record AlterExtensionStatement(Location Location, string Name, NodeList<Option> Options) : Statement(Location);

/// <summary>ALTER EXTENSION ADD or DROP.</summary>
public sealed record AlterExtensionContentsStatement(Location Location, string Name, bool Add, ObjectKind Kind, ObjectName Object)
    : Statement(Location);
