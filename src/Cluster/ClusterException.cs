namespace Rqlite.Pg.Cluster;

/// <summary>The reason why a request failed as a whole.</summary>
public enum ClusterError
{
    /// <summary>This node does not lead and was told not to forward. Nothing happened.</summary>
    NotLeader,

    /// <summary>No leader is known. Nothing happened.</summary>
    NoLeader,

    /// <summary>The request was not taken: the node stops, is not open yet, or its queue is full. Nothing happened.</summary>
    NotReady,

    /// <summary>The queue of proposals is full. Nothing happened.</summary>
    Busy,

    /// <summary>A read could not be as fresh as asked for.</summary>
    StaleRead,

    /// <summary>A wait ended before the request was handed to the log. Nothing happened.</summary>
    Timeout,

    /// <summary>The write was handed to the log, and whether it took effect is not known.</summary>
    OutcomeUnknown,

    /// <summary>The request is larger than a limit; the message names it.</summary>
    TooLarge,

    /// <summary>The request is not valid, for example a member that does not exist.</summary>
    Invalid,

    /// <summary>The statement is not allowed over this protocol; the message is for the client.</summary>
    Disallowed,

    /// <summary>Another node could not be reached.</summary>
    Unreachable,

    /// <summary>The transaction could not go on or be committed: others wrote in between, or the leader changed. Nothing of it happened.</summary>
    Serialization,

    /// <summary>The wait for the writer was too long. Nothing happened.</summary>
    LockTimeout,

    /// <summary>The transaction was rolled back because its owner left it idle.</summary>
    IdleTransaction,

    /// <summary>The key of the request was given to another request before. Nothing happened.</summary>
    KeyReused,

    /// <summary>The request took effect before, but its results were too large to be kept for a repetition.</summary>
    ResultLost,

    /// <summary>
    /// The session's advisory locks may have been given to others, since its node had no contact with a leader: the session may not go on.
    /// </summary>
    LocksLost,

    /// <summary>The node is new in its cluster and has no copy of the database yet. Nothing happened.</summary>
    AwaitsDatabase,

    /// <summary>The transaction is a repetition of one that was committed under its name. Nothing happened now.</summary>
    AlreadyCommitted,

    /// <summary>The caller has withdrawn the request before it was handed to the log. Nothing happened.</summary>
    Withdrawn,

    /// <summary>
    /// The schema has another version than the one that the statements were made for. Nothing happened; <see cref="ClusterException.Index"/> is an
    /// entry whose state shows the other one.
    /// </summary>
    SchemaMoved,

    /// <summary>The disk has no room for what the request needs. Nothing happened.</summary>
    DiskFull,
}

/// <summary>A request that failed as a whole; errors of single statements are in their results instead.</summary>
public sealed class ClusterException(ClusterError error, string message, NodeDescription? leader = null, Exception? inner = null)
    : Exception(message, inner)
{
    public ClusterError Error { get; } = error;

    /// <summary>The leader as far as known, for a client that wants to connect to it.</summary>
    public NodeDescription? Leader { get; } = leader;

    /// <summary>The entry that the error speaks of; 0 for none.</summary>
    public long Index { get; init; }

    public static ClusterException SchemaMoved(long index) =>
        new(ClusterError.SchemaMoved, "the schema has changed since the statement was prepared") { Index = index };
}
