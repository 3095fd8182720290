namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The first byte of a frame that a read replica gets; part of the node protocol.</summary>
internal enum TailFrame : byte
{
    /// <summary>commit index, term, milliseconds since the sender heard from a leader, the leader if known.</summary>
    Status = 1,

    /// <summary>count, then index, term, flags and bytes of each entry.</summary>
    Entries = 2,

    /// <summary>version and member list.</summary>
    Members = 3,

    /// <summary>A piece of a copy of the database.</summary>
    CopyPart = 4,

    /// <summary>The copy is complete, and so is the answer: the replica asks again from the copy's end.</summary>
    CopyEnd = 5,
}
