using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Errors;

/// <summary>Maps every exception of ours to the error that a client gets.</summary>
internal static class ErrorMapping
{
    /// <summary>The error for an exception, or null if it is a failure of the server itself.</summary>
    public static PgError? From(Exception exception) => exception switch
    {
        PgException pg => pg.Error,
        DialectException dialect => From(dialect),
        TypeException type => From(type),
        ClusterException cluster => From(cluster),
        OperationCanceledException => Cancelled(),
        _ => null,
    };

    public static PgError Internal() =>
        PgError.Error(SqlState.InternalError, "internal error") with { Hint = "The server's log has the details." };

    public static PgError StatementTimeout() => PgError.Error(SqlState.QueryCanceled, "canceling statement due to statement timeout");

    public static PgError Shutdown() => PgError.Fatal(SqlState.AdminShutdown, "terminating connection due to administrator command");

    private static PgError Cancelled() => PgError.Error(SqlState.QueryCanceled, "canceling statement due to user request");

    private static PgError From(DialectException exception) =>
        PgError.Error(exception.SqlState, exception.Message) with
        {
            Position = exception.Position,
            Hint = exception.Hint,
            Detail = exception.Detail,
            Where = exception.Context,
        };

    private static PgError From(TypeException exception) =>
        PgError.Error(exception.SqlState, exception.Message) with
        {
            Hint = exception.Hint,
            Detail = exception.Detail,
            Where = exception.Context,
        };

    private static PgError From(ClusterException exception)
    {
        var leader = exception.Leader is { PgAddress.Length: > 0 } node ? $"The leader is at {node.PgAddress}." : null;
        return exception.Error switch
        {
            ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.NotReady or ClusterError.Unreachable =>
                PgError.Error(SqlState.CannotConnectNow, exception.Message) with { Hint = leader },
            ClusterError.AwaitsDatabase => PgError.Error(SqlState.CannotConnectNow, "the database system is starting up") with
            {
                Detail = $"{char.ToUpperInvariant(exception.Message[0])}{exception.Message[1..]}.",
                Hint = $"Try again in a moment, or ask another node.{(leader is null ? "" : " " + leader)}",
            },
            ClusterError.Busy => PgError.Error(SqlState.ConfigurationLimitExceeded, exception.Message),
            ClusterError.StaleRead => PgError.Error(SqlState.ObjectNotInPrerequisiteState, exception.Message) with { Hint = leader },
            ClusterError.Timeout => StatementTimeout() with
            {
                Detail = exception.Message,
                Hint = leader ?? "Raise statement_timeout, or ask for less.",
            },
            ClusterError.OutcomeUnknown => PgError.Error(SqlState.StatementCompletionUnknown, exception.Message) with
            {
                Hint = "The statement may or may not have taken effect; look before you repeat it.",
            },
            ClusterError.Serialization or ClusterError.SchemaMoved => PgError.Error(SqlState.SerializationFailure, exception.Message) with { Hint = "The transaction might succeed if retried." },
            ClusterError.LockTimeout => PgError.Error(SqlState.LockNotAvailable, "canceling statement due to lock timeout"),
            ClusterError.IdleTransaction => PgError.Error(SqlState.IdleInTransactionSessionTimeout, exception.Message),
            ClusterError.AlreadyCommitted => PgError.Error(OwnSqlState.TransactionAlreadyCommitted, exception.Message) with
            {
                Hint = "Roll back: its work is done. Its answers are not kept.",
            },
            ClusterError.KeyReused => PgError.Error(SqlState.InvalidParameterValue, exception.Message),
            ClusterError.LocksLost => PgError.Fatal(SqlState.AdminShutdown, exception.Message),
            ClusterError.ResultLost or ClusterError.TooLarge => PgError.Error(SqlState.ProgramLimitExceeded, exception.Message),
            ClusterError.DiskFull => PgError.Error(SqlState.DiskFull, exception.Message),
            ClusterError.Invalid => PgError.Error(SqlState.InvalidParameterValue, exception.Message),
            ClusterError.Disallowed => PgError.Error(SqlState.InsufficientPrivilege, exception.Message),
            _ => PgError.Error(SqlState.InternalError, exception.Message),
        };
    }

    // SQLite's message has the limit after the colon.
    private static PgError OutOfMemory(string message)
    {
        var colon = message.IndexOf(": ", StringComparison.Ordinal);
        return PgError.Error(SqlState.OutOfMemory, "out of memory") with { Detail = colon < 0 ? null : $"{char.ToUpperInvariant(message[colon + 2])}{message[(colon + 3)..]}." };
    }

    /// <summary>The error of a statement, with its position in the client's text.</summary>
    /// <param name="position">1-based position of <see cref="StatementError.Offset"/> in the client's text, or 0.</param>
    /// <param name="tag">The statement's command tag, which decides a few wordings.</param>
    /// <param name="cancelled">The client has cancelled the statement; otherwise an interruption is a timeout.</param>
    public static PgError From(StatementError error, int position, string tag, bool cancelled)
    {
        const int PrimaryMask = 0xff;
        var mapped = (error.ResultCode & PrimaryMask) switch
        {
            SqliteCode.Constraint => ConstraintErrors.From(error),
            SqliteCode.Error => error.SqlState is { } state
                ? PgError.Error(state, error.Message) with { Detail = error.Detail, Hint = error.Hint }
                : SqliteMessages.From(error.Message, tag),
            SqliteCode.Interrupt => cancelled ? Cancelled() : StatementTimeout(),
            SqliteCode.ReadOnly => PgError.Error(
                SqlState.ReadOnlySqlTransaction, $"cannot execute {tag} in a read-only transaction"),
            SqliteCode.Busy or SqliteCode.Locked => PgError.Error(SqlState.SerializationFailure, error.Message),
            SqliteCode.NoMemory => OutOfMemory(error.Message),
            SqliteCode.Io => PgError.Error(SqlState.IoError, error.Message),
            SqliteCode.Corrupt or SqliteCode.NotADatabase => PgError.Error(SqlState.DataCorrupted, error.Message),
            SqliteCode.Full => PgError.Error(SqlState.DiskFull, error.Message),
            SqliteCode.CannotOpen => PgError.Error(SqlState.IoError, error.Message),
            SqliteCode.TooBig => PgError.Error(SqlState.ProgramLimitExceeded, error.Message),
            SqliteCode.Mismatch => PgError.Error(SqlState.DatatypeMismatch, error.Message),
            SqliteCode.NotAuthorized => PgError.Error(SqlState.InsufficientPrivilege, $"permission denied: {error.Message}"),
            SqliteCode.Range => PgError.Error(SqlState.ProtocolViolation, error.Message),
            _ => PgError.Error(SqlState.InternalError, error.Message),
        };
        return mapped with { Position = position };
    }
}
