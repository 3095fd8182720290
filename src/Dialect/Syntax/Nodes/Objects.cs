namespace Rqlite.Pg.Dialect.Syntax;

/// <summary>The name of an object, with what else is needed to tell it from others of its kind.</summary>
/// <param name="Names">Without arguments, the parts of a name; the name of an operator comes last.</param>
/// <param name="Arguments">Of functions, aggregates and operators; null where none are given. A missing operand is null.</param>
public sealed record ObjectName(Location Location, NodeList<string> Names, NodeList<FunctionParameter?>? Arguments = null) : Node(Location)
{
    /// <summary>An aggregate's arguments behind ORDER BY; null without it.</summary>
    public NodeList<FunctionParameter?>? OrderBy { get; init; }

    /// <summary>An aggregate's (*).</summary>
    public bool Star { get; init; }

    /// <summary>
    /// The relation or domain that a column, constraint, policy, rule or trigger belongs to; the access method of an operator
    /// class.
    /// </summary>
    public NodeList<string>? On { get; init; }

    /// <summary>The type that is meant; the first of a cast or the one of a transform.</summary>
    public TypeName? Type { get; init; }

    public TypeName? Target { get; init; }
}

public sealed record DropStatement(
    Location Location, ObjectKind Kind, NodeList<ObjectName> Objects, bool IfExists, DropBehavior Behavior, bool Concurrently = false)
        : Statement(Location)
{
    /// <summary>Of DROP DATABASE.</summary>
    public NodeList<Option> Options { get; init; } = [];
}

public sealed record CommentStatement(Location Location, ObjectKind Kind, ObjectName Object, string? Text) : Statement(Location);

/// <summary>ALTER … RENAME. For a column, constraint or attribute the kind of its relation is <see cref="RelationKind"/>.</summary>
public sealed record RenameStatement(Location Location, ObjectKind Kind, ObjectName Object, string NewName, bool IfExists, DropBehavior Behavior)
    : Statement(Location)
{
    public ObjectKind RelationKind { get; init; }

    public bool Only { get; init; }
}

public sealed record AlterOwnerStatement(Location Location, ObjectKind Kind, ObjectName Object, RoleName Owner) : Statement(Location);

/// <summary>ALTER … SET SCHEMA.</summary>
public sealed record AlterSchemaStatement(Location Location, ObjectKind Kind, ObjectName Object, string Schema, bool IfExists, bool Only = false)
    : Statement(Location);

/// <summary>ALTER … [NO] DEPENDS ON EXTENSION.</summary>
public sealed record AlterDependsStatement(Location Location, ObjectKind Kind, ObjectName Object, string Extension, bool Remove)
    : Statement(Location);

public enum RoleKind : byte
{
    Name,
    Public,
    CurrentRole,
    CurrentUser,
    SessionUser,
}

public sealed record RoleName(Location Location, RoleKind Kind, string? Name = null) : Node(Location);

/// <summary>CREATE ROLE, USER and GROUP.</summary>
public sealed record CreateRoleStatement(Location Location, string Kind, string Name, NodeList<Option> Options) : Statement(Location);

/// <summary>ALTER ROLE and USER, and ADD or DROP of GROUP's users.</summary>
public sealed record AlterRoleStatement(Location Location, RoleName Role, NodeList<Option> Options) : Statement(Location)
{
    /// <summary>ALTER GROUP … ADD (true) or DROP (false) USER; the users are the only option.</summary>
    public bool? Add { get; init; }
}

/// <param name="Role">Null for ALL.</param>
public sealed record AlterRoleSetStatement(Location Location, RoleName? Role, string? Database, SetStatement Setting) : Statement(Location);

public sealed record DropRoleStatement(Location Location, NodeList<RoleName> Roles, bool IfExists) : Statement(Location);

/// <summary>A privilege and the columns that it is for; ALL PRIVILEGES has no name.</summary>
public sealed record Privilege(Location Location, string? Name, NodeList<string> Columns) : Node(Location);

/// <summary>GRANT and REVOKE of privileges.</summary>
/// <param name="Privileges">Empty for ALL PRIVILEGES.</param>
/// <param name="AllInSchema">ALL … IN SCHEMA; the objects are schemas.</param>
public sealed record GrantStatement(
    Location Location, bool Revoke, NodeList<Privilege> Privileges, ObjectKind Kind, bool AllInSchema, NodeList<ObjectName> Objects,
    NodeList<RoleName> Grantees, bool GrantOption, RoleName? GrantedBy, DropBehavior Behavior) : Statement(Location);

/// <summary>GRANT and REVOKE of membership.</summary>
public sealed record GrantRoleStatement(
    Location Location, bool Revoke, NodeList<Privilege> Roles, NodeList<RoleName> Grantees, bool AdminOption, RoleName? GrantedBy,
        DropBehavior Behavior)
    : Statement(Location);

public enum ParameterMode : byte
{
    Default,
    In,
    Out,
    InOut,
    Variadic,
}

public sealed record FunctionParameter(Location Location, ParameterMode Mode, string? Name, TypeName Type, Expression? Default = null)
    : Node(Location);

/// <summary>CREATE FUNCTION or PROCEDURE.</summary>
/// <param name="Options">In the words of PostgreSQL's catalog: language, volatility, strict, as, ….</param>
public sealed record CreateFunctionStatement(
    Location Location, bool Procedure, bool OrReplace, NodeList<string> Name, NodeList<FunctionParameter> Parameters, TypeName? Returns,
    NodeList<FunctionParameter>? ReturnsTable, NodeList<Option> Options) : Statement(Location)
{
    /// <summary>The expression of RETURN.</summary>
    public Expression? Return { get; init; }

    /// <summary>The statements of BEGIN ATOMIC; an expression of RETURN in it is a <see cref="ReturnStatement"/>.</summary>
    public NodeList<Statement>? Body { get; init; }
}

public sealed record ReturnStatement(Location Location, Expression Value) : Statement(Location);

/// <summary>ALTER FUNCTION, PROCEDURE or ROUTINE with options.</summary>
public sealed record AlterFunctionStatement(Location Location, ObjectKind Kind, ObjectName Function, NodeList<Option> Options) : Statement(Location);

public enum TriggerTiming : byte
{
    Before,
    After,
    InsteadOf,
}

public sealed record CreateTriggerStatement(
    Location Location, string Name, bool OrReplace, bool Constraint, TriggerTiming Timing, NodeList<TriggerEvent> Events, QualifiedName Table,
    NodeList<string> Function, NodeList<string> Arguments) : Statement(Location)
{
    public NodeList<TransitionTable> Transitions { get; init; } = [];

    public bool ForEachRow { get; init; }

    public Expression? When { get; init; }

    public QualifiedName? From { get; init; }

    public bool Deferrable { get; init; }

    public bool InitiallyDeferred { get; init; }
}

/// <param name="Name">INSERT, UPDATE, DELETE or TRUNCATE.</param>
public sealed record TriggerEvent(Location Location, string Name, NodeList<string> Columns) : Node(Location);

public sealed record TransitionTable(Location Location, bool New, bool Table, string Name) : Node(Location);

/// <param name="Event">SELECT, INSERT, UPDATE or DELETE.</param>
public sealed record CreateRuleStatement(
    Location Location, string Name, bool OrReplace, string Event, QualifiedName Table, Expression? Where, bool Instead, NodeList<Statement> Actions)
    : Statement(Location);

/// <param name="Command">Null where it is not given.</param>
public sealed record CreatePolicyStatement(
    Location Location, string Name, QualifiedName Table, bool Restrictive, string? Command, NodeList<RoleName> Roles, Expression? Using,
        Expression? Check)
    : Statement(Location);

public sealed record AlterPolicyStatement(
    Location Location, string Name, QualifiedName Table, NodeList<RoleName> Roles, Expression? Using, Expression? Check) : Statement(Location);

/// <summary>
/// A statement that is checked by PostgreSQL's grammar and kept as its text: <see cref="Command"/> is its name (CREATE PUBLICATION), and
/// <see cref="Text"/> its tokens with one blank where there were blanks or comments.
/// </summary>
public sealed record GenericStatement(Location Location, string Command, string Text) : Statement(Location);

/// <summary>ALTER TABLE, INDEX, SEQUENCE, VIEW, …, and ALTER TYPE with attributes.</summary>
public sealed record AlterTableStatement(
    Location Location, ObjectKind Kind, RelationReference Name, bool IfExists, NodeList<AlterTableCommand> Commands) : Statement(Location);

/// <summary>ALTER TABLE, INDEX or MATERIALIZED VIEW ALL IN TABLESPACE.</summary>
public sealed record MoveTablespaceStatement(
    Location Location, ObjectKind Kind, string From, NodeList<RoleName> Owners, string To, bool NoWait) : Statement(Location);

public enum AlterTableAction : byte
{
    AddColumn,
    DropColumn,
    SetDefault,
    DropDefault,
    SetNotNull,
    DropNotNull,
    DropExpression,
    SetStatistics,
    SetColumnOptions,
    ResetColumnOptions,
    SetStorage,
    SetCompression,
    AddIdentity,
    AlterIdentity,
    DropIdentity,
    AlterType,
    AlterColumnForeignOptions,
    AddConstraint,
    AlterConstraint,
    ValidateConstraint,
    DropConstraint,
    SetWithoutOids,
    ClusterOn,
    SetWithoutCluster,
    SetLogged,
    SetUnlogged,
    EnableTrigger,
    DisableTrigger,
    EnableRule,
    DisableRule,
    Inherit,
    NoInherit,
    OfType,
    NotOf,
    OwnerTo,
    SetTablespace,
    SetAccessMethod,
    SetOptions,
    ResetOptions,
    ReplicaIdentity,
    EnableRowSecurity,
    DisableRowSecurity,
    ForceRowSecurity,
    NoForceRowSecurity,
    ForeignOptions,
    AttachPartition,
    DetachPartition,
}

/// <summary>One change of ALTER TABLE. Which properties are set depends on the action.</summary>
public sealed record AlterTableCommand(Location Location, AlterTableAction Action, string? Name = null) : Node(Location)
{
    public bool IfExists { get; init; }

    public bool IfNotExists { get; init; }

    public DropBehavior Behavior { get; init; }

    public ColumnDefinition? Column { get; init; }

    public TableConstraint? Constraint { get; init; }

    public Expression? Value { get; init; }

    public TypeName? Type { get; init; }

    public NodeList<string>? Collation { get; init; }

    public int? Number { get; init; }

    public NodeList<Option> Options { get; init; } = [];

    /// <summary>The changes of an identity column.</summary>
    public NodeList<SequenceOption> Sequence { get; init; } = [];

    public QualifiedName? Relation { get; init; }

    public RoleName? Owner { get; init; }

    public PartitionBound? Bound { get; init; }

    /// <summary>ALWAYS, REPLICA, ALL, USER, CONCURRENTLY, FINALIZE, FULL, NOTHING or DEFAULT, where an action has variants.</summary>
    public string? Variant { get; init; }
}

public enum AlterDomainAction : byte
{
    SetDefault,
    DropDefault,
    SetNotNull,
    DropNotNull,
    AddConstraint,
    DropConstraint,
    ValidateConstraint,
}

public sealed record AlterDomainStatement(
    Location Location, QualifiedName Name, AlterDomainAction Action, Expression? Value = null, TableConstraint? Constraint = null,
    string? ConstraintName = null, bool IfExists = false, DropBehavior Behavior = default) : Statement(Location);
