namespace Rqlite.Pg.Cluster;

/// <summary>The longest that a command waits for its turn, and the caller's error then. Once it is proposed, it runs to its end.</summary>
internal readonly record struct QueueLimit(TimeSpan Time, ClusterException Error)
{
    /// <summary>The tighter of two limits; null if there is none.</summary>
    /// <param name="statement">PostgreSQL's <c>statement_timeout</c>.</param>
    /// <param name="lock">PostgreSQL's <c>lock_timeout</c>.</param>
    public static QueueLimit? Of(TimeSpan? statement, TimeSpan? @lock) =>
        @lock is { } wait && (statement is not { } whole || wait <= whole)
            ? new(wait, new ClusterException(ClusterError.LockTimeout, "timed out waiting for the writer"))
            : statement is { } limit
                ? new(limit, new ClusterException(ClusterError.Timeout, "timed out waiting to enter the log"))
                : null;
}
