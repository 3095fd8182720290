using System.Diagnostics.Metrics;

namespace Rqlite.Pg.Cluster;

/// <content>What is read of the node when metrics are collected; nothing is spent on it otherwise.</content>
public sealed partial class ClusterNode
{
    // The scope tells the instruments of one node from those of another in the same process.
    private readonly Meter _meter;

    private Meter CreateMeter()
    {
        var meter = new Meter(new MeterOptions("Rqlite.Pg.Node") { Scope = this });
        var log = _replica.Log;
        Gauge("rqlite.ready", null, "1 if the node has its database and knows a leader", () => Ready ? 1 : 0);
        Gauge("rqlite.raft.leader", null, "1 on the leader", () => IsLeader ? 1 : 0);
        Gauge("rqlite.raft.leader.known", null, "1 if a leader is known", () => Leader is null ? 0 : 1);
        Gauge("rqlite.raft.voter", null, "1 on a voter, 0 on a read replica", () => log.Voter ? 1 : 0);
        Gauge("rqlite.raft.term", null, "Raft's term", () => log.Term);
        Gauge("rqlite.raft.last.index", null, "The last entry of this node's log", () => _replica.Raft?.LastIndex ?? log.AppliedIndex);
        Gauge("rqlite.raft.commit.index", null, "The last entry that is known to be committed", () => log.CommitIndex);
        Gauge("rqlite.raft.applied.index", null, "The last entry whose effects this node's reads see", () => log.AppliedIndex);
        Gauge("rqlite.raft.base.index", null, "The last entry that was dropped from the beginning of the log", () => _replica.Raft?.BaseIndex ?? 0);
        Gauge("rqlite.raft.apply.lag", null, "Entries that are committed and not applied here", () => Math.Max(0, log.CommitIndex - log.AppliedIndex));
        meter.CreateObservableGauge(
            "rqlite.raft.leader.contact", () => log.SinceLeaderContact.TotalSeconds, "s", "Time since the leader was last heard of; 0 on the leader");
        meter.CreateObservableGauge("rqlite.raft.members", Members, null, "Members of the cluster, by suffrage");
        Gauge("rqlite.raft.log", "By", "Bytes of the log's files", LogBytes);
        Gauge("rqlite.writer.queue.length", null, "Writes that wait to become an entry of the log", () => _database.Queue.Commands);
        Gauge("rqlite.writer.queue", "By", "Bytes of the writes that wait to become an entry of the log", () => _database.Queue.Bytes);
        Gauge("rqlite.writer.queue.transactions", null, "Transactions that wait for this node's writer", () => _database.Queue.Transactions);
        Gauge("rqlite.writer.held", null, "1 while a transaction holds this node's writer", () => _database.WriterHeld ? 1 : 0);
        Gauge("rqlite.work.running", null, "Backups, loads and copies under way", () => _work.Count);
        Gauge("rqlite.sqlite.database", "By", "Length of the database's file", () => _storage.Figures().FileBytes);
        Gauge("rqlite.sqlite.wal", "By", "Bytes in the write-ahead log since it last started over", () => _storage.Figures().WalBytes);
        Gauge("rqlite.sqlite.wal.file", "By", "Length of the write-ahead log's file", () => _storage.Figures().WalFileBytes);
        Gauge("rqlite.sqlite.readers.max", null, "Most read connections (-db-max-ro-conns)", () => _storage.Figures().ReadersMax);
        Gauge("rqlite.sqlite.readers.open", null, "Read connections that are open", () => _storage.Figures().ReadersOpen);
        Gauge("rqlite.sqlite.readers.used", null, "Read connections at work", () => _storage.Figures().ReadersInUse);
        Gauge("rqlite.sqlite.readers.waiting", null, "Reads that wait for a connection", () => _storage.Figures().ReadsWaiting);
        meter.CreateObservableGauge("rqlite.connections", () => Port("node", _replica.Port.Connections), null, "Open connections, by port");
        return meter;

        void Gauge(string name, string? unit, string description, Func<long> value) => meter.CreateObservableGauge(name, value, unit, description);
    }

    private static Measurement<long> Port(string port, long count) => new(count, new KeyValuePair<string, object?>("port", port));

    private IEnumerable<Measurement<long>> Members()
    {
        var nodes = _replica.Members.Nodes;
        var voters = nodes.Count(static node => node.Node.Voter);
        yield return new(voters, new KeyValuePair<string, object?>("suffrage", "voter"));
        yield return new(nodes.Count - voters, new KeyValuePair<string, object?>("suffrage", "nonvoter"));
    }

    private long LogBytes()
    {
        try
        {
            var folder = new DirectoryInfo(Path.Combine(_replica.Options.DataDirectory, "raft"));
            return folder.Exists ? folder.EnumerateFiles("*.log").Sum(static file => file.Length) : 0;
        }
        catch (IOException)
        {
            // A file was dropped while it was looked at.
            return 0;
        }
    }
}
