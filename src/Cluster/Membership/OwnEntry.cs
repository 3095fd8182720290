namespace Rqlite.Pg.Cluster.Membership;

/// <summary>What the member list says of this node itself.</summary>
internal sealed class OwnEntry(MemberStore store, NodeIdentity self)
{
    private volatile bool _joining;
    private volatile bool _toldOfRemoval;

    /// <summary>Set while the node asks to be taken in: until then a list without it is no removal.</summary>
    public bool Joining
    {
        get => _joining;
        set => _joining = value;
    }

    /// <summary>True if this node was removed, also if it was down then and has only been told.</summary>
    public bool Removed => !_joining && (_toldOfRemoval || (store.Version >= 0 && Find() is null));

    /// <summary>The node is new, and what its cluster had committed when it came has not arrived yet.</summary>
    public bool AwaitsDatabase => self.AwaitsDatabase;

    public NodeInfo? Find() => store.Members.Find(self.DiskId);

    /// <summary>Another node has a newer list, without this one.</summary>
    public void ToldOfRemoval() => _toldOfRemoval = true;

    /// <summary>Taken in: what was told of an earlier life no longer counts.</summary>
    public void TakenIn() => _toldOfRemoval = false;
}
