using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>
/// Carries on with the voters of <see cref="PeersFile"/> after the majority was lost for good. The nodes of the file become the member list at
/// once, on this node's word alone, and the cluster gets another id: nodes that are left out, should one come back, cannot form a majority
/// of the former cluster together with one of these. Each step can be repeated, so that a start after a crash does what is left.
/// </summary>
internal sealed class QuorumRecovery
{
    private readonly PeersFile _file;
    private readonly NodeIdentity _self;
    private readonly MemberStore _store;
    private readonly Members _members;
    private readonly ILogger _logger;

    private QuorumRecovery(PeersFile file, NodeIdentity self, MemberStore store, Members members, ILogger logger)
    {
        _file = file;
        _self = self;
        _store = store;
        _members = members;
        _logger = logger;
    }

    /// <summary>For tests: called after each step, which it may end as a crash does.</summary>
    internal static Action<string>? StepDone { get; set; }

    /// <returns>Null if there is nothing to recover from.</returns>
    /// <exception cref="InvalidDataException">The file cannot be followed; the message says why.</exception>
    public static QuorumRecovery? Prepare(string directory, NodeInfo self, NodeIdentity identity, MemberStore store, ILogger logger)
    {
        if (PeersFile.Read(directory) is not { } file)
        {
            identity.EndRecovery();
            return null;
        }

        if (!self.Node.Voter || !identity.Voter)
        {
            throw new InvalidDataException(
                $"'{file.Path}': this node is a read replica and has no log to recover from. Recover a voter, then start this node with an empty folder and -join.");
        }

        if (identity.AwaitsDatabase || store.Version < 0)
        {
            throw new InvalidDataException($"'{file.Path}': this node has not got its copy of the database. Recover from another node.");
        }

        if (store.Members.Find(self.DiskId) is null)
        {
            throw new InvalidDataException($"'{file.Path}': this node was removed from its cluster, so its data may be old. Recover from another node.");
        }

        return new QuorumRecovery(file, identity, store, Resolve(file, self, store.Members), logger);
    }

    /// <param name="last">The last entry of this node's log; all up to it are kept, and become committed as usual.</param>
    public void Run(long last)
    {
        var former = _self.ClusterId;
        _self.BeginRecovery(Hash("file", Guid.Empty), Hash("cluster", former));
        StepDone?.Invoke("identity");

        // No member list in the log counts any more, committed or not.
        _store.Replace(_members, Math.Max(last, _store.Version));
        StepDone?.Invoke("members");
        var directory = Path.GetDirectoryName(_file.Path)!;
        File.Move(_file.Path, Path.Combine(directory, "peers.info"), overwrite: true);
        DurableFile.FlushDirectory(directory);
        StepDone?.Invoke("renamed");
        _self.EndRecovery();
        _logger.Recovered(_members.ToString(), last, _self.ClusterId);
    }

    private static Members Resolve(PeersFile file, NodeInfo self, Members known)
    {
        var own = file.Peers.FirstOrDefault(p => p.Id == self.Node.Id)
            ?? throw new InvalidDataException($"'{file.Path}' does not name this node, '{self.Node.Id}'.");
        if (!string.Equals(own.Address, self.Node.RaftAddress, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidDataException($"'{file.Path}' gives this node the address {own.Address}, but its -raft-adv-addr is {self.Node.RaftAddress}.");
        }

        var members = Members.Empty.With(self);
        foreach (var peer in file.Peers.Where(p => p != own))
        {
            members = known.Find(peer.Id) is { Node.Voter: true } node
                ? members.With(new NodeInfo(node.DiskId, node.Node with { RaftAddress = peer.Address }))
                : throw new InvalidDataException(
                    $"'{file.Path}' names '{PrintableText.Of(peer.Id)}', which was no voter of this node's cluster ({known}): leave it out, and start it with an "
                    + "empty folder and -join afterwards.");
        }

        return members;
    }

    /// <summary>An id that all nodes find that follow the same file from the same cluster.</summary>
    private Guid Hash(string kind, Guid former)
        => new(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\n{former}\n{_file.Canonical()}")).AsSpan(0, 16));
}
