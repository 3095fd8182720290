namespace Rqlite.Pg.Storage;

/// <summary>A statement of a transaction with the number that its random stream follows; numbers of statements that were undone are missing.</summary>
public readonly record struct TransactionStatement(int Ordinal, Statement Statement)
{
    /// <summary>What a replay has to know of sequences, if it cannot find it in the tables.</summary>
    public StatementSequences? Sequences { get; init; }
}

/// <summary>A transaction that was rehearsed: what every node runs, and what must come of it.</summary>
/// <param name="BaseIndex">The entry on whose state it was rehearsed. On another state it does nothing, on every node alike.</param>
/// <param name="BaseTerm">That entry's term: it was perhaps not committed yet, and another leader's may have taken its place.</param>
/// <param name="Digest">The digest of its answers and effects.</param>
public sealed record TransactionEntry(
    long BaseIndex, long BaseTerm, ulong Digest, BatchOptions Options, IReadOnlyList<TransactionStatement> Statements)
{
    /// <summary>
    /// What its statements see as now, in ms since 1970: when its owner began it, on whichever node. The entry's own time is the leader's.
    /// </summary>
    public long Clock { get; init; }

    /// <summary>What its owner named it, so that it is committed once; none if default.</summary>
    public RequestId RequestId { get; init; }

    /// <summary>The session that it ran for, if a statement asked for it.</summary>
    public CallerSession? Caller { get; init; }
}
