namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>A column that a statement writes, or a part of one.</summary>
public sealed record WrittenColumn(Location Location, string Name, NodeList<IndirectionStep> Steps) : Node(Location);

public enum Overriding : byte
{
    None,
    User,
    System,
}

/// <param name="Source">Null for DEFAULT VALUES.</param>
public sealed record InsertStatement(
    Location Location, With? With, QualifiedName Table, string? Alias, NodeList<WrittenColumn> Columns, Overriding Overriding, Query? Source,
    ConflictClause? OnConflict, NodeList<Target> Returning) : Statement(Location);

/// <summary>ON CONFLICT.</summary>
/// <param name="Set">Null for DO NOTHING.</param>
public sealed record ConflictClause(Location Location, ConflictTarget? Target, NodeList<Assignment>? Set, Expression? Where) : Node(Location);

/// <summary>The columns that find the unique index, or the name of a constraint.</summary>
public sealed record ConflictTarget(Location Location, NodeList<IndexElement> Elements, Expression? Where, string? Constraint) : Node(Location);

/// <summary><c>a = x</c> or, if <see cref="Multiple"/>, <c>(a, b) = x</c>.</summary>
public sealed record Assignment(Location Location, NodeList<WrittenColumn> Columns, bool Multiple, Expression Value) : Node(Location);

public sealed record UpdateStatement(
    Location Location, With? With, RelationReference Table, NodeList<Assignment> Set, NodeList<TableExpression> From, Expression? Where,
    NodeList<Target> Returning) : Statement(Location);

public sealed record DeleteStatement(
    Location Location, With? With, RelationReference Table, NodeList<TableExpression> Using, Expression? Where, NodeList<Target> Returning)
    : Statement(Location);

public sealed record MergeStatement(
    Location Location, With? With, RelationReference Target, TableExpression Source, Expression On, NodeList<MergeWhen> Whens) : Statement(Location);

public enum MergeAction : byte
{
    Nothing,
    Insert,
    Update,
    Delete,
}

/// <param name="Values">Null for DEFAULT VALUES and for actions that insert nothing.</param>
public sealed record MergeWhen(
    Location Location, bool Matched, Expression? Condition, MergeAction Action, NodeList<Assignment> Set, NodeList<WrittenColumn> Columns,
    Overriding Overriding, NodeList<Expression>? Values) : Node(Location);

public sealed record TruncateStatement(Location Location, NodeList<RelationReference> Tables, bool RestartIdentity, DropBehavior Behavior)
    : Statement(Location);

/// <param name="Query">The statement whose rows are sent, instead of a table.</param>
/// <param name="File">Null for STDIN and STDOUT.</param>
public sealed record CopyStatement(
    Location Location, QualifiedName? Table, NodeList<string> Columns, Statement? Query, bool From, bool Program, string? File,
        NodeList<Option> Options,
    Expression? Where) : Statement(Location);

/// <summary>An option of a statement: a name, and what it is set to.</summary>
public sealed record Option(Location Location, string? Namespace, string Name, Node? Value) : Node(Location);

/// <summary>Several values of an option, in parentheses.</summary>
public sealed record ValueList(Location Location, NodeList<Node> Items) : Node(Location);

/// <summary>A name as the value of an option.</summary>
public sealed record NameValue(Location Location, NodeList<string> Names) : Node(Location);

/// <summary>An operator as the value of an option.</summary>
public sealed record OperatorValue(Location Location, NodeList<string> Names) : Node(Location);

public sealed record LockStatement(Location Location, NodeList<RelationReference> Tables, string Mode, bool NoWait) : Statement(Location);

public enum TransactionKind : byte
{
    Begin,
    Start,
    Commit,
    Rollback,
    Savepoint,
    Release,
    RollbackTo,
    PrepareTransaction,
    CommitPrepared,
    RollbackPrepared,
}

/// <param name="Name">A savepoint's name or a prepared transaction's identifier.</param>
public sealed record TransactionStatement(Location Location, TransactionKind Kind, NodeList<Option> Modes, string? Name = null, bool Chain = false)
    : Statement(Location);

/// <summary>SET CONSTRAINTS; no names for ALL.</summary>
public sealed record SetConstraintsStatement(Location Location, NodeList<QualifiedName> Names, bool Deferred) : Statement(Location);

public enum SettingScope : byte
{
    Default,
    Local,
    Session,
}

/// <summary>
/// SET and RESET. TIME ZONE is the setting timezone, NAMES client_encoding, and so on; SET TRANSACTION has the name TRANSACTION and
/// SET SESSION CHARACTERISTICS the name SESSION CHARACTERISTICS, with <see cref="Modes"/>.
/// </summary>
/// <param name="Name">Null for RESET ALL.</param>
/// <param name="Values">Empty for DEFAULT and RESET.</param>
public sealed record SetStatement(Location Location, SettingScope Scope, string? Name, NodeList<Expression> Values) : Statement(Location)
{
    public bool Reset { get; init; }

    /// <summary>FROM CURRENT, within a function or role.</summary>
    public bool FromCurrent { get; init; }

    public NodeList<Option> Modes { get; init; } = [];
}

/// <param name="Name">Null for SHOW ALL.</param>
public sealed record ShowStatement(Location Location, string? Name) : Statement(Location);

public enum DiscardKind : byte
{
    All,
    Plans,
    Sequences,
    Temporary,
}

public sealed record DiscardStatement(Location Location, DiscardKind Kind) : Statement(Location);

public sealed record PrepareStatement(Location Location, string Name, NodeList<TypeName> Types, Statement Statement) : Statement(Location);

public sealed record ExecuteStatement(Location Location, string Name, NodeList<Expression> Arguments) : Statement(Location);

/// <param name="Name">Null for ALL.</param>
public sealed record DeallocateStatement(Location Location, string? Name) : Statement(Location);

[Flags]
public enum CursorOptions : byte
{
    None,
    Binary = 1,
    Insensitive = 2,
    Scroll = 4,
    NoScroll = 8,
    Hold = 16,
    Asensitive = 32,
}

public sealed record DeclareStatement(Location Location, string Name, CursorOptions Options, Query Query) : Statement(Location);

public enum FetchDirection : byte
{
    Forward,
    Backward,
    Absolute,
    Relative,
}

/// <summary>FETCH or MOVE.</summary>
/// <param name="Count">Null for ALL.</param>
public sealed record FetchStatement(Location Location, bool Move, FetchDirection Direction, long? Count, string Cursor) : Statement(Location);

/// <param name="Name">Null for ALL.</param>
public sealed record CloseStatement(Location Location, string? Name) : Statement(Location);

public sealed record ExplainStatement(Location Location, NodeList<Option> Options, Statement Statement) : Statement(Location);

public sealed record ListenStatement(Location Location, string Channel) : Statement(Location);

public sealed record NotifyStatement(Location Location, string Channel, string? Payload) : Statement(Location);

/// <param name="Channel">Null for *.</param>
public sealed record UnlistenStatement(Location Location, string? Channel) : Statement(Location);

/// <summary>VACUUM or ANALYZE.</summary>
public sealed record VacuumStatement(Location Location, bool Analyze, NodeList<Option> Options, NodeList<VacuumTarget> Tables) : Statement(Location);

public sealed record VacuumTarget(Location Location, RelationReference Table, NodeList<string> Columns) : Node(Location);

public sealed record ClusterStatement(Location Location, NodeList<Option> Options, QualifiedName? Table, string? Index) : Statement(Location);

public enum ReindexKind : byte
{
    Index,
    Table,
    Schema,
    System,
    Database,
}

public sealed record ReindexStatement(Location Location, ReindexKind Kind, NodeList<Option> Options, QualifiedName Name) : Statement(Location);

public sealed record CheckpointStatement(Location Location) : Statement(Location);

public sealed record LoadStatement(Location Location, string File) : Statement(Location);

public sealed record DoStatement(Location Location, NodeList<Option> Options) : Statement(Location);

public sealed record CallStatement(Location Location, FunctionCall Call) : Statement(Location);

public sealed record RefreshStatement(Location Location, QualifiedName View, bool Concurrently, bool? WithData) : Statement(Location);
