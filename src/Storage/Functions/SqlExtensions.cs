namespace Rqlite.Pg.Storage;

/// <summary>
/// The functions, aggregates, collations and tables that a dialect brings along. Every connection knows them, and they compute the same on every node:
/// they are part of the replicated state, as the limits are.
/// </summary>
public sealed record SqlExtensions(
    IReadOnlyList<SqlFunction> Functions, IReadOnlyList<SqlAggregate> Aggregates, IReadOnlyList<SqlCollation> Collations, IReadOnlyList<SqlTable> Tables)
{
    public static SqlExtensions None { get; } = new([], [], [], []);

    /// <summary>Knows the types of columns; null if all columns are SQLite's.</summary>
    public ITypedSchema? TypedSchema { get; init; }

    /// <summary>The definitions of the tables in which the dialect keeps what it knows of the schema, as SQLite keeps them.</summary>
    public IReadOnlySet<string> Metadata { get; init; } = new HashSet<string>();

    /// <summary>Gives other exceptions of functions and tables their SQLSTATE; null leaves the message alone.</summary>
    public Func<Exception, SqlFunctionException?>? Translate { get; init; }
}

/// <summary>What a function's answer depends on, besides its arguments (PostgreSQL's volatility).</summary>
public enum Purity : byte
{
    /// <summary>Nothing: indexes, CHECKs and generated columns may use it.</summary>
    Immutable,

    /// <summary>The statement: its time, its session, the tables.</summary>
    Stable,

    /// <summary>The call: two calls of a statement may differ.</summary>
    Volatile,
}

/// <summary>The body of a function. What it throws is the statement's error.</summary>
public delegate void FunctionBody(in FunctionCall call);

/// <summary>An SQL function.</summary>
/// <param name="Name">A private name: built-in functions of SQLite are never replaced.</param>
/// <param name="Arity">The number of its arguments, -1 for any.</param>
public sealed record SqlFunction(string Name, int Arity, Purity Purity, FunctionBody Body)
{
    /// <summary>Null if an argument is null, without a call of the body.</summary>
    public bool Strict { get; init; }

    /// <summary>The body reads the subtypes of its arguments or gives its answer one.</summary>
    public bool Subtypes { get; init; }

    /// <summary>
    /// The body asks for <see cref="StatementContext.Caller"/>. SQLite does not show functions in the schema's DEFAULT, CHECK, index and generated
    /// expressions, so a statement that calls one of them only there has no caller.
    /// </summary>
    public bool AsksSession { get; init; }
}

/// <summary>An aggregate function, also over windows.</summary>
/// <param name="Create">Makes the state of one group.</param>
public sealed record SqlAggregate(string Name, int Arity, Func<SqlAggregateState> Create)
{
    /// <summary>Rows with a null among the arguments are left out.</summary>
    public bool Strict { get; init; }

    /// <summary><see cref="SqlAggregateState.Inverse"/> is implemented, so a moving frame needs no new start.</summary>
    public bool Invertible { get; init; }

    /// <summary>The state asks for <see cref="StatementContext.Caller"/>.</summary>
    public bool AsksSession { get; init; }
}

/// <summary>The state of an aggregate over the rows of one group or frame.</summary>
public abstract class SqlAggregateState
{
    public abstract void Step(in FunctionCall call);

    /// <summary>Answers with the value of the rows so far; more rows may follow in a window.</summary>
    public abstract void Answer(in FunctionCall call);

    /// <summary>Takes a row out that left the frame, the oldest one.</summary>
    public virtual void Inverse(in FunctionCall call) => throw new NotSupportedException();
}

/// <summary>Compares two UTF-8 texts; must be a total order.</summary>
public delegate int CollationOrder(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right);

public sealed record SqlCollation(string Name, CollationOrder Order);

/// <summary>The error of a function, with which the statement ends.</summary>
/// <param name="sqlState">The five characters of its SQLSTATE.</param>
public sealed class SqlFunctionException(string sqlState, string message, string? detail = null, string? hint = null) : Exception(message)
{
    public string SqlState { get; } = sqlState;

    public string? Detail { get; } = detail;

    public string? Hint { get; } = hint;
}
