namespace Rqlite.Pg.Storage;

/// <summary>The applied position that a database holds, written in the same transaction as its data.</summary>
/// <param name="Time">The last entry's time, in Unix milliseconds.</param>
/// <param name="Digest">The chained digest of all entries up to <paramref name="Index"/>.</param>
/// <param name="BaseIndex">The index that a received copy brought with it, else 0.</param>
internal readonly record struct AppliedPosition(long Index, long Term, long Time, ulong Digest, long BaseIndex, long BaseTerm);
