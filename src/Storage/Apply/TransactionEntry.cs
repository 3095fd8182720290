namespace Rqlite.Pg.Storage;

/// <summary>A statement of a transaction with the number that its random stream follows; the numbers of undone statements are missing.</summary>
public readonly record struct TransactionStatement(int Ordinal, Statement Statement)
{
    /// <summary>The state of sequences that a replay needs and does not find in the tables.</summary>
    public StatementSequences? Sequences { get; init; }
}

/// <summary>A transaction that was rehearsed: the statements that every node runs, and the digest that they must give.</summary>
/// <param name="BaseIndex">The entry on whose state the transaction was rehearsed. On another state it does nothing, on every node alike.</param>
/// <param name="BaseTerm">That entry's term: it may not have been committed yet, and another leader's entry may have taken its place.</param>
/// <param name="Digest">The digest of the transaction's answers and effects.</param>
public sealed record TransactionEntry(
    long BaseIndex, long BaseTerm, ulong Digest, BatchOptions Options, IReadOnlyList<TransactionStatement> Statements)
{
    /// <summary>
    /// The time that the statements see as now, in µs since 1970: when the owner began the transaction, on whichever node. The entry's own time
    /// is the leader's.
    /// </summary>
    public long Clock { get; init; }

    /// <summary>The name that the owner gave to the transaction, so that it is committed once; none if default.</summary>
    public RequestId RequestId { get; init; }

    /// <summary>The session that the transaction ran for, if a statement asked for it.</summary>
    public CallerSession? Caller { get; init; }
}
