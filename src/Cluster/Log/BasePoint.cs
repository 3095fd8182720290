namespace Rqlite.Pg.Cluster;

/// <summary>The beginning of the log: all entries up to this index are in the database.</summary>
/// <param name="OfCopy">True if a copy brought the base and the log does not know of it yet.</param>
internal sealed record BasePoint(long Index, long Term, bool OfCopy = false);
