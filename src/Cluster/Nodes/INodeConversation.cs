namespace Rqlite.Pg.Cluster;

/// <summary>The requests of a transaction on another node's writer. The values are part of the node protocol.</summary>
internal enum TransactionRequest : byte
{
    /// <summary>Waits for the writer.</summary>
    Begin = 1,

    /// <summary>Checks whether the reads of a snapshot still hold.</summary>
    Check = 2,
    Describe = 3,
    Run = 4,
    SetSavepoint = 5,
    Release = 6,
    RollBackTo = 7,
    Commit = 8,
    RollBack = 9,
    Suspend = 10,

    /// <summary>Keeps the writer, whatever transactions wait; the answer is a grant.</summary>
    Stay = 11,

    /// <summary>Looks at the schema.</summary>
    Peek = 12,

    /// <summary>Ends the running request; the one request without an answer, and the only one that may come before the answer of another.</summary>
    Interrupt = 255,
}

/// <summary>The asking side of a conversation: one request, its answer, the next. Disposing it ends the transaction on the other side.</summary>
internal interface INodeConversation : IAsyncDisposable
{
    /// <summary>False if the other side has gone, as far as can be told without waiting.</summary>
    bool Alive { get; }

    /// <summary>True if the other side has nothing open any more: the connection may serve another conversation.</summary>
    bool Reusable { get; set; }

    /// <exception cref="ClusterException"><see cref="ClusterError.OutcomeUnknown"/>: the request may or may not have been sent.</exception>
    ValueTask<INodeResponse> AskAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token);

    /// <summary>Asks the other side to end the last request; called while its answer is awaited.</summary>
    ValueTask InterruptAsync(CancellationToken token);
}

/// <summary>The answering side. It serves one request at a time, and is disposed when the connection has ended, for whatever reason.</summary>
internal interface IConversationHandler : IAsyncDisposable
{
    /// <summary>True while a transaction is open.</summary>
    bool IsOpen => false;

    /// <param name="stop">Cancelled when the caller interrupts the request; an answer is due all the same.</param>
    /// <param name="gone">Cancelled when the caller has gone.</param>
    ValueTask HandleAsync(
        TransactionRequest request, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken stop, CancellationToken gone);
}
