using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Planning;

/// <summary>A statement of a client's text, parsed and not yet planned. The planner that made it knows more of it than is here.</summary>
internal abstract class StatementPart
{
    /// <summary>The whole text that the statement is a part of.</summary>
    public abstract string Source { get; }

    /// <summary>CommandComplete's tag, without a count.</summary>
    public abstract string Tag { get; }

    /// <summary>The highest n of <c>$n</c>.</summary>
    public abstract int ParameterCount { get; }

    /// <summary>The command that the session runs itself; null for a statement of the database.</summary>
    public abstract SessionCommand? Command { get; }

    /// <summary>The statement within a PREPARE or DECLARE; null otherwise.</summary>
    public abstract StatementPart? Body { get; }

    /// <summary>The database runs the statement.</summary>
    public bool IsRun => Command is null;

    /// <summary>The database runs the statement, or one that an EXECUTE names or a DECLARE holds.</summary>
    public bool Runs => Command is null or ExecuteStatement or DeclareCursor;

    /// <summary>BEGIN, COMMIT, ROLLBACK and the savepoint commands.</summary>
    public bool IsTransaction => Command is BeginTransaction or CommitTransaction or RollbackTransaction or DefineSavepoint or ReleaseSavepoint
        or RollbackToSavepoint;
}
