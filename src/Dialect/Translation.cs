using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>A statement of PostgreSQL's dialect as SQLite runs it, made for one version of the schema.</summary>
/// <param name="Steps">The statements of SQLite, which take effect together; none for a command of the session.</param>
/// <param name="Answer">The index of the step whose rows and count the client gets; -1 for none.</param>
/// <param name="Tag">CommandComplete's tag, without a count.</param>
/// <param name="Parameters">The types of <c>$1</c> and those behind it.</param>
/// <param name="Columns">The result's columns; null for a statement without rows.</param>
public sealed record Translation(
    IReadOnlyList<Step> Steps, int Answer, string Tag, IReadOnlyList<PgType> Parameters, IReadOnlyList<ResultColumn>? Columns)
{
    /// <summary>The schema that this holds for.</summary>
    public long SchemaVersion { get; init; }

    /// <summary>The answer is one row with the count for the tag, and the client gets no rows.</summary>
    public bool Counts { get; init; }

    /// <summary>The table that INSERT, UPDATE or DELETE changes; null for other statements.</summary>
    public Relation? Target { get; init; }

    /// <summary>The numbers of the columns that an UPDATE sets.</summary>
    public IReadOnlyList<short> Changed { get; init; } = [];

    public NodeList<RowLocking> Locking { get; init; } = [];

    /// <summary>The statement asks for settings of the session, which have to travel with it.</summary>
    public bool AsksSession { get; init; }

    /// <summary>The statement changes the schema.</summary>
    public bool Defines { get; init; }

    /// <summary>The calls that the session carries out for each row of the answer; null for none.</summary>
    public ResultCalls? Calls { get; init; }

    /// <summary>NOTICEs and warnings that precede the answer.</summary>
    public IReadOnlyList<Notice> Notices { get; init; } = [];
}

/// <summary>A statement of SQLite.</summary>
/// <param name="Parameters">For each of its parameters where the value comes from.</param>
public sealed record Step(string Sql, IReadOnlyList<StepParameter> Parameters)
{
    /// <summary>A step of ours, which may write metadata and call internal functions (Statement.Ours).</summary>
    public bool Internal { get; init; }
}

/// <summary>Where the value of a step's parameter comes from.</summary>
/// <param name="Number">The client's <c>$n</c>, from 1; 0 for a literal.</param>
/// <param name="Literal">
/// The constant of a literal in the statement's text that was lifted; null otherwise. One with a <see cref="Const.Lift"/> of -1 holds for this text alone.
/// </param>
/// <param name="Type">The type as which the value is read, which for a literal is the built-in one that carries its type.</param>
public readonly record struct StepParameter(int Number, Const? Literal, PgType Type)
{
    /// <summary>The moment at which the session sends the statement, in microseconds since 1970-01-01 UTC.</summary>
    public static StepParameter Moment => new(0, null, new PgType(PgTypes.Int8));

    public bool IsMoment => Number == 0 && Literal is null;
}

/// <param name="TableOid">0 for an expression.</param>
public sealed record ResultColumn(string Name, PgType Type, uint TableOid = 0, short AttributeNumber = 0)
{
    /// <summary>The type as which values are written: the column's, with the length of char(n) where the column's has lost it.</summary>
    public PgType Written { get; init; } = Type;
}

/// <param name="Severity">NOTICE or WARNING.</param>
public sealed record Notice(string Severity, string SqlState, string Message, string? Detail = null, string? Hint = null);
