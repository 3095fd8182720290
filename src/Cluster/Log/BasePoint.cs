namespace Rqlite.Pg.Cluster;

/// <summary>Where the log begins: everything up to this index is in the database.</summary>
/// <param name="OfCopy">True if a copy brought it and the log does not know of it yet.</param>
internal sealed record BasePoint(long Index, long Term, bool OfCopy = false);
