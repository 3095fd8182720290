using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The outcome of a commit.</summary>
/// <param name="Index">The transaction's entry; 0 if it changed nothing.</param>
/// <param name="Error">Why the transaction could not be committed; it is rolled back then.</param>
public readonly record struct CommitResult(long Index, StatementError? Error);
