namespace Rqlite.Pg.Cluster.Membership;

/// <summary>The entry of this node in the member list.</summary>
internal sealed class OwnEntry(MemberStore store, NodeIdentity self)
{
    private volatile bool _joining;
    private volatile bool _toldOfRemoval;

    /// <summary>True while the node asks to be added: a list without it is no removal then.</summary>
    public bool Joining
    {
        get => _joining;
        set => _joining = value;
    }

    /// <summary>True if this node was removed, also if it was down then and has learnt of it later.</summary>
    public bool Removed => !_joining && (_toldOfRemoval || (store.Version >= 0 && Find() is null));

    /// <summary>True for a new node that does not have the commits yet that its cluster had when it joined.</summary>
    public bool AwaitsDatabase => self.AwaitsDatabase;

    /// <summary>True if this node's directory has a log, which the node may have acknowledged entries of.</summary>
    public bool HasLog => self.Voter;

    public NodeInfo? Find() => store.Members.Find(self.DiskId);

    /// <summary>Notes that another node has a newer list, without this node.</summary>
    public void ToldOfRemoval() => _toldOfRemoval = true;

    /// <summary>Notes that the node was added: earlier news of its removal no longer counts.</summary>
    public void TakenIn() => _toldOfRemoval = false;
}
