namespace Rqlite.Pg.Cluster;

/// <summary>The requests of a transaction that another node holds the writer for. The values are part of the node protocol.</summary>
internal enum TransactionRequest : byte
{
    /// <summary>Waits for the writer.</summary>
    Begin = 1,

    /// <summary>Looks whether reads of a snapshot still hold.</summary>
    Check = 2,
    Describe = 3,
    Run = 4,
    SetSavepoint = 5,
    Release = 6,
    RollBackTo = 7,
    Commit = 8,
    RollBack = 9,
    Suspend = 10,

    /// <summary>Keeps the writer, whoever waits; the answer is a grant.</summary>
    Stay = 11,

    /// <summary>Ends what runs; the one request without an answer, and the only one that may come before the answer of another.</summary>
    Interrupt = 255,
}

/// <summary>The asking side of a conversation: one request, its answer, the next. Disposing it ends what the other side has open.</summary>
internal interface INodeConversation : IAsyncDisposable
{
    /// <summary>False if the other side has gone, as far as can be told without waiting.</summary>
    bool Alive { get; }

    /// <summary>The other side has nothing open any more: the connection may serve another conversation.</summary>
    bool Reusable { get; set; }

    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: it may or may not have been sent.</exception>
    ValueTask<INodeResponse> AskAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token);

    /// <summary>Asks the other side to come to an end with the last request; called while its answer is waited for.</summary>
    ValueTask InterruptAsync(CancellationToken token);
}

/// <summary>The answering side. One request at a time; disposed when the connection has ended, however it did.</summary>
internal interface IConversationHandler : IAsyncDisposable
{
    /// <summary>A transaction is open.</summary>
    bool IsOpen => false;

    /// <param name="stop">Cancelled when the caller wants an end; an answer is due all the same.</param>
    /// <param name="gone">Cancelled when the caller has gone.</param>
    ValueTask HandleAsync(
        TransactionRequest request, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken stop, CancellationToken gone);
}
