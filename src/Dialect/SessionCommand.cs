using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect;

/// <summary>A statement that concerns the session or its transaction; the database never sees it.</summary>
public abstract record SessionCommand;

/// <summary>SET [SESSION | LOCAL].</summary>
/// <param name="Values">As written, unquoted; null for DEFAULT.</param>
public sealed record SetSetting(string Name, IReadOnlyList<string>? Values, bool Local) : SessionCommand;

/// <summary>SHOW; null for ALL.</summary>
public sealed record ShowSetting(string? Name) : SessionCommand;

/// <summary>RESET; null for ALL.</summary>
public sealed record ResetSetting(string? Name) : SessionCommand;

/// <summary>SET TRANSACTION, or SET SESSION CHARACTERISTICS AS TRANSACTION.</summary>
public sealed record SetTransaction(TransactionModes Modes, bool SessionDefault) : SessionCommand;

/// <summary>SET SESSION AUTHORIZATION, RESET SESSION AUTHORIZATION; null for DEFAULT.</summary>
public sealed record SetSessionAuthorization(string? User, bool Local) : SessionCommand;

/// <summary>SET ROLE, RESET ROLE; null for NONE.</summary>
public sealed record SetRole(string? Role, bool Local) : SessionCommand;

/// <summary>SET CONSTRAINTS; null for ALL.</summary>
public sealed record SetConstraints(IReadOnlyList<string>? Names, bool Deferred) : SessionCommand;

/// <summary>The levels that can be asked for; they behave as PostgreSQL's.</summary>
public enum IsolationLevel
{
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// <summary>The modes that BEGIN and SET TRANSACTION name; null for those not named.</summary>
public sealed record TransactionModes(IsolationLevel? Isolation, bool? ReadOnly, bool? Deferrable)
{
    public static TransactionModes None { get; } = new(null, null, null);
}

/// <summary>BEGIN and START TRANSACTION.</summary>
/// <param name="Immediate">SQLite's BEGIN IMMEDIATE or EXCLUSIVE: the write lock at once.</param>
public sealed record BeginTransaction(TransactionModes Modes, bool Immediate) : SessionCommand;

/// <summary>COMMIT and END.</summary>
public sealed record CommitTransaction(bool Chain) : SessionCommand;

/// <summary>ROLLBACK and ABORT.</summary>
public sealed record RollbackTransaction(bool Chain) : SessionCommand;

public sealed record DefineSavepoint(string Name) : SessionCommand;

public sealed record ReleaseSavepoint(string Name) : SessionCommand;

public sealed record RollbackToSavepoint(string Name) : SessionCommand;

public enum DiscardTarget
{
    All,
    Plans,
    Sequences,
    Temporary,
}

public sealed record DiscardState(DiscardTarget Target) : SessionCommand;

/// <summary>PREPARE name [(types)] AS statement. The statement's positions are those of the whole text.</summary>
/// <param name="Types">The declared parameter types.</param>
public sealed record PrepareStatement(string Name, IReadOnlyList<PreparedType> Types, ParsedStatement Body) : SessionCommand;

/// <summary>A parameter's type in PREPARE.</summary>
/// <param name="Type">OID 0 for <c>unknown</c>, and for a type that only the schema knows.</param>
/// <param name="Name">That type as it was written; null for a built-in scalar.</param>
/// <param name="Position">The 1-based character position of the name in the whole text.</param>
public readonly record struct PreparedType(PgType Type, string? Name = null, int Position = 0);

/// <summary>EXECUTE name [(arguments)].</summary>
public sealed record ExecuteStatement(string Name, IReadOnlyList<ExecuteArgument> Arguments) : SessionCommand;

/// <summary>An argument of EXECUTE.</summary>
/// <param name="Text">The expression as written.</param>
/// <param name="IsLiteral">A plain constant, whose text form is <paramref name="Literal"/>; null for NULL.</param>
public sealed record ExecuteArgument(string Text, bool IsLiteral, string? Literal)
{
    /// <summary>The type that the constant has by its form; unknown for a string and for NULL.</summary>
    public uint Type { get; init; } = PgTypes.Unknown;

    /// <summary>The 1-based character position in the whole text.</summary>
    public int Position { get; init; }
}

/// <summary>DEALLOCATE; null for ALL.</summary>
public sealed record DeallocateStatement(string? Name) : SessionCommand;

/// <summary>The options of DECLARE.</summary>
[Flags]
public enum CursorOptions
{
    None = 0,
    Binary = 1,
    Scroll = 2,
    NoScroll = 4,
    Insensitive = 8,
    Asensitive = 16,
    Hold = 32,
}

/// <summary>DECLARE name CURSOR FOR query. The query's positions are those of the whole text.</summary>
public sealed record DeclareCursor(string Name, CursorOptions Options, ParsedStatement Query) : SessionCommand;

/// <summary>How FETCH and MOVE count.</summary>
public enum FetchDirection
{
    Forward,
    Backward,
    Absolute,
    Relative,
}

/// <summary>FETCH and MOVE.</summary>
/// <param name="Count">Rows, or the number of the row; <see cref="long.MaxValue"/> for ALL.</param>
/// <param name="Moves">MOVE: the rows are counted and not sent.</param>
public sealed record FetchCursor(string Name, FetchDirection Direction, long Count, bool Moves) : SessionCommand;

/// <summary>CLOSE; null for ALL.</summary>
public sealed record CloseCursor(string? Name) : SessionCommand;

public sealed record ListenChannel(string Channel) : SessionCommand;

/// <summary>UNLISTEN; null for *.</summary>
public sealed record UnlistenChannel(string? Channel) : SessionCommand;

/// <summary>A command of PostgreSQL's that the database runs as another statement.</summary>
/// <param name="Sql">That statement, in SQLite's dialect.</param>
internal sealed record LoweredCommand(string Sql) : SessionCommand;

/// <summary>LOCK TABLE.</summary>
/// <param name="Mode">For example <c>ACCESS EXCLUSIVE</c>.</param>
public sealed record LockTable(IReadOnlyList<string> Tables, string Mode, bool NoWait) : SessionCommand;

/// <summary>A statement of PostgreSQL that is known and not supported, for example COPY.</summary>
public sealed record UnsupportedStatement(string Name) : SessionCommand;
