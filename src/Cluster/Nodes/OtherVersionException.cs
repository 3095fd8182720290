namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The calling node is of a version with which this one cannot work.</summary>
/// <param name="difference">What differs: a clause.</param>
internal sealed class OtherVersionException(string difference) : IOException($"{difference}: all nodes of a cluster run the same version of rqlited");
