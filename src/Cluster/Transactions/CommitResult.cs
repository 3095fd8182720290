using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>What a commit came to.</summary>
/// <param name="Index">The entry that carried it; 0 if it changed nothing.</param>
/// <param name="Error">Why it could not be committed; it is rolled back then.</param>
public readonly record struct CommitResult(long Index, StatementError? Error);
