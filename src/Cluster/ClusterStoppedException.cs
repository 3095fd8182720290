namespace Rqlite.Pg.Cluster;

/// <summary>Why the process must exit: this node can neither go on nor repair itself.</summary>
public sealed class ClusterStoppedException(string reason, Exception inner) : Exception($"{reason}: {inner.Message}", inner);
