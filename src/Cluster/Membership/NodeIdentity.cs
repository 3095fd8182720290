using System.Text.Json;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>The identity of a data directory: <c>node.json</c>. A wiped disk gets a new GUID and so is a new node.</summary>
internal sealed class NodeIdentity
{
    /// <summary>The format of the data directory; raised when an older version could not read this one's.</summary>
    private const int Format = 1;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly string _path;
    private readonly Lock _lock = new();
    private bool _joining;
    private Guid _recovery;

    private NodeIdentity(string path, Content content)
    {
        _path = path;
        DiskId = content.DiskId;
        NodeId = content.NodeId;
        ClusterId = content.ClusterId;
        Voter = content.Voter;
        AwaitsDatabase = content.AwaitsDatabase;
        _recovery = content.Recovery;
        ListUnlogged = content.ListUnlogged;
    }

    public Guid DiskId { get; }

    public string NodeId { get; }

    /// <summary>The cluster's id; empty until the node belongs to a cluster.</summary>
    public Guid ClusterId { get; private set; }

    /// <summary>The kind of files that the directory has: with a log, or a read replica's without one.</summary>
    public bool Voter { get; private set; }

    /// <summary>True while the log lacks the member list that a recovery has put in place.</summary>
    public bool ListUnlogged { get; private set; }

    /// <summary>
    /// True until a new directory holds the commits that its cluster had when the node joined: till then its content is no state of the
    /// database that a client could have seen.
    /// </summary>
    public bool AwaitsDatabase { get; private set; }

    /// <exception cref="InvalidDataException">The directory belongs to another node, or the file is damaged.</exception>
    public static NodeIdentity Open(string directory, string nodeId, bool voter)
    {
        var path = Path.Combine(directory, "node.json");
        if (!File.Exists(path))
        {
            if (Directory.Exists(Path.Combine(directory, "raft")))
            {
                throw new InvalidDataException(
                    $"'{path}' is missing although the directory holds a log. Restore the file, or start with an empty directory and -join.");
            }

            var fresh = new NodeIdentity(path, new Content(Guid.NewGuid(), nodeId, Guid.Empty, voter, AwaitsDatabase: true));
            fresh.Save();
            return fresh;
        }

        Content content;
        try
        {
            content = JsonSerializer.Deserialize<Content>(File.ReadAllBytes(path)) ?? throw new JsonException("empty");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(
                $"'{path}' is damaged ({error.Message}). Restore it, or start with an empty directory and -join.", error);
        }

        if (content.Format > Format)
        {
            throw new InvalidDataException(
                $"'{directory}' was written by a newer version (format {content.Format}; this version reads up to {Format}). Update this node.");
        }

        if (content.NodeId != nodeId)
        {
            throw new InvalidDataException(
                $"'{directory}' belongs to node '{content.NodeId}', but -node-id is '{nodeId}'. A node's id never changes: "
                + "use the directory's own id, or another directory.");
        }

        return new NodeIdentity(path, content);
    }

    /// <summary>Marks the node as joining: a caller that knows its disk counts as the leader of the cluster, and brings the cluster's id.</summary>
    public void BeginJoin()
    {
        lock (_lock)
        {
            _joining = true;
        }
    }

    /// <summary>True for a peer of this node's cluster; adopts the peer's cluster if this node joins and the peer means this disk.</summary>
    public bool Accepts(Guid clusterId, Guid target)
    {
        lock (_lock)
        {
            if (ClusterId == Guid.Empty && clusterId != Guid.Empty && _joining && target == DiskId)
            {
                Adopt(clusterId);
            }

            return ClusterId != Guid.Empty && clusterId == ClusterId;
        }
    }

    public void Adopt(Guid clusterId)
    {
        lock (_lock)
        {
            if (ClusterId == clusterId)
            {
                return;
            }

            ClusterId = ClusterId == Guid.Empty ? clusterId : throw new InvalidOperationException("The node belongs to another cluster.");
            Save();
        }
    }

    /// <summary>Founds a cluster, whose database is the content of this directory.</summary>
    public void Found()
    {
        lock (_lock)
        {
            AwaitsDatabase = false;
            Adopt(Guid.NewGuid());
        }
    }

    /// <summary>Takes another cluster id, but only once for one file.</summary>
    public void BeginRecovery(Guid recovery, Guid clusterId)
    {
        lock (_lock)
        {
            if (_recovery == recovery)
            {
                return;
            }

            (_recovery, ClusterId, ListUnlogged) = (recovery, clusterId, true);
            Save();
        }
    }

    /// <summary>Notes that the file of the recovery is out of the way.</summary>
    public void EndRecovery()
    {
        lock (_lock)
        {
            if (_recovery != Guid.Empty)
            {
                _recovery = Guid.Empty;
                Save();
            }
        }
    }

    /// <summary>Notes that the log has the member list in effect.</summary>
    public void ListLogged()
    {
        lock (_lock)
        {
            ListUnlogged = false;
            Save();
        }
    }

    /// <summary>Notes that the directory has a log, or that it is to be deleted.</summary>
    public void BecomeVoter(bool voter)
    {
        lock (_lock)
        {
            if (Voter != voter)
            {
                Voter = voter;
                Save();
            }
        }
    }

    /// <summary>Notes that the database has arrived.</summary>
    public void TakeDatabase()
    {
        lock (_lock)
        {
            AwaitsDatabase = false;
            Save();
        }
    }

    private void Save()
        => DurableFile.Write(
            _path,
            JsonSerializer.SerializeToUtf8Bytes(
                new Content(DiskId, NodeId, ClusterId, Voter, AwaitsDatabase: AwaitsDatabase, Recovery: _recovery, ListUnlogged: ListUnlogged), Json));

    private sealed record Content(
        Guid DiskId, string NodeId, Guid ClusterId, bool Voter, int Format = NodeIdentity.Format, bool AwaitsDatabase = false, Guid Recovery = default,
        bool ListUnlogged = false);
}
