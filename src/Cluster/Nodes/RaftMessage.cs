namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Messages on the Raft lanes; each starts with this byte. The values are part of the node protocol.</summary>
internal enum RaftMessage : byte
{
    /// <summary>term, last index, last term; answered by term, byte.</summary>
    Vote = 1,

    /// <summary>As <see cref="Vote"/>.</summary>
    PreVote = 2,

    /// <summary>
    /// term, previous index, previous term, commit index, count, then the entries: term, flags, command id, length, bytes. Answered by
    /// <see cref="RaftAnswer"/>, term, result byte, last index.
    /// </summary>
    Append = 3,

    /// <summary>
    /// term, index and term of the leader's base. Answered as <see cref="Append"/>, or by <see cref="RaftAnswer.Send"/>, after which the
    /// copy follows in chunks (length, bytes; a length of 0 ends it), then version and bytes of the configuration.
    /// </summary>
    Install = 4,
}

/// <summary>The first byte of an answer to <see cref="RaftMessage.Append"/> and <see cref="RaftMessage.Install"/>.</summary>
internal enum RaftAnswer : byte
{
    /// <summary>The node is still working; more follows.</summary>
    Working = 0,
    Done = 1,

    /// <summary>The follower wants the copy.</summary>
    Send = 2,
}
