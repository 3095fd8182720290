using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Requests between nodes, besides Raft's own. The values are part of the node protocol.</summary>
internal enum NodeRequestKind : byte
{
    /// <summary>Data plane: an encoded batch to run through the log or as a read on the leader.</summary>
    Batch = 1,

    /// <summary>Describe a statement on the leader.</summary>
    Describe = 2,

    /// <summary>Renews the lease of a node's advisory locks. The body is its GUID; a confirmed leader answers with its commit index.</summary>
    LockLease = 3,

    /// <summary>A backup of the leader's database, see <see cref="ForwardedBackup"/>.</summary>
    Backup = 4,

    /// <summary>Has the leader put the file of a load in the place of the database, see <see cref="LogLoadEncoding"/>.</summary>
    Load = 5,

    /// <summary>A node's description, version, commit and applied index.</summary>
    Meta = 16,
    Join = 17,
    Remove = 18,
    StepDown = 19,
    Notify = 20,
    ReadIndex = 21,

    /// <summary>Entries for a read replica.</summary>
    Tail = 22,

    /// <summary>The chained digest at an index, to compare replicas.</summary>
    Digest = 23,

    /// <summary>The leader resigns in favour of a node, which stands for election at once (Raft thesis 3.10).</summary>
    TimeoutNow = 24,

    /// <summary>The member list in effect on the asked node, with its version.</summary>
    Members = 25,
}

/// <summary>Answers requests of other nodes. One request at a time on a connection.</summary>
internal interface INodeRequestHandler
{
    /// <summary>
    /// Answers by frames; returning ends the answer. A <see cref="ClusterException"/> travels to the caller as itself.
    /// <paramref name="token"/> is cancelled when the caller has gone.
    /// </summary>
    ValueTask HandleAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token);

    /// <summary>Begins a conversation, which is disposed when its connection ends.</summary>
    IConversationHandler Converse() => throw new ClusterException(ClusterError.Invalid, "this node takes no transactions");
}

/// <summary>The answering side of a request.</summary>
internal interface INodeAnswer
{
    /// <summary>The caller; null where it is not known.</summary>
    NodeCaller? Caller => null;

    /// <summary>Sends one frame, at most <c>ClusterOptions.NodeFrameMax</c> bytes, and waits while the caller is slow.</summary>
    ValueTask WriteFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken token);

    /// <summary>Sends the buffered bytes now; the end of the answer does so anyway.</summary>
    ValueTask FlushAsync(CancellationToken token) => ValueTask.CompletedTask;
}

/// <summary>Sends requests to other nodes over pooled connections.</summary>
internal interface INodeRequests
{
    /// <exception cref="ClusterException"><see cref="ClusterError.Unreachable"/> if the request certainly was not sent.</exception>
    ValueTask<INodeResponse> SendAsync(string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token);

    /// <summary>Opens a connection of its own for a transaction.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.Unreachable"/>, or <see cref="ClusterError.Busy"/> if there are too many.</exception>
    ValueTask<INodeConversation> ConverseAsync(string raftAddress, CancellationToken token) =>
        throw new ClusterException(ClusterError.Unreachable, $"node {raftAddress} cannot be reached");
}

/// <summary>The frames of an answer. Disposing it before its end closes the connection, which cancels the request over there.</summary>
internal interface INodeResponse : IAsyncDisposable
{
    /// <summary>The next frame, or null at the end; the memory is the caller's until the next call.</summary>
    /// <exception cref="ClusterException">As thrown by the handler, or <see cref="ClusterError.OutcomeUnknown"/> if the connection broke.</exception>
    ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken token);

    /// <summary>
    /// Cancels the request over there; its answer can still be read, which is <see cref="ClusterError.Withdrawn"/> if nothing has happened. From any
    /// thread.
    /// </summary>
    void Withdraw();
}
