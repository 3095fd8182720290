namespace Rqlite.Pg.Storage;

/// <summary>Sizes and counts of a database at one moment.</summary>
/// <param name="FileBytes">The length of the database's file.</param>
/// <param name="WalFileBytes">The length of the write-ahead log's file, which does not shrink when the log starts over.</param>
/// <param name="WalBytes">The bytes that commits have put into the write-ahead log since it last started over.</param>
/// <param name="ReadsWaiting">The reads that wait for a connection.</param>
public readonly record struct DatabaseFigures(
    long FileBytes, long WalFileBytes, long WalBytes, int ReadersMax, int ReadersOpen, int ReadersInUse, int ReadsWaiting);
