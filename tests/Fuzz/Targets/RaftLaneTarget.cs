using System.Buffers;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Votes, appends and copies of a voter, as they reach a follower: whatever comes, the follower stays up and its log readable.</summary>
internal sealed class RaftLaneTarget : IFuzzTarget, IAsyncDisposable
{
    private readonly Lazy<Task<PortHost>> _host = new(() => PortHost.StartAsync(leads: false));

    public string Name => "raft";

    public IEnumerable<byte[]> Seeds =>
    [
        PortSeeds.Bytes(o => Vote(o, RaftMessage.Vote)),
        PortSeeds.Bytes(o => Vote(o, RaftMessage.PreVote)),
        PortSeeds.Bytes(o => Append(o, 0)),
        PortSeeds.Bytes(o => Append(o, 1, PortSeeds.Entry(PortSeeds.Text("CREATE TABLE IF NOT EXISTS t(a)")))),
        PortSeeds.Bytes(o => Append(o, 2, PortSeeds.Entry(PortSeeds.Insert), PortSeeds.Entry(PortSeeds.Text("SELECT count(*) FROM t"), PortSeeds.Insert))),
        PortSeeds.Bytes(o => Append(o, 1, [])),
        PortSeeds.Bytes(o =>
        {
            o.WriteByte((byte)RaftMessage.Install);
            o.WriteInt64(PortSeeds.Term);
            o.WriteInt64(long.MaxValue / 2);
            o.WriteInt64(PortSeeds.Term);
            o.WriteBytes("no copy of a database"u8);
            o.WriteInt32(0);
            o.WriteInt64(5);
            o.WriteBytes([1, 0, 0, 0, 0]);
        }),
    ];

    public async ValueTask RunAsync(byte[] input)
    {
        var host = await _host.Value;
        var lane = input.Length > 0 && input[0] == (byte)RaftMessage.Install ? LaneKind.Snapshot : LaneKind.Append;
        await host.ServeAsync(lane, PortSeeds.Current(input, host.Log.Term, host.Log.LastEntryIndex));
    }

    public async ValueTask DisposeAsync()
    {
        if (_host.IsValueCreated)
        {
            await (await _host.Value).DisposeAsync();
        }
    }

    private static void Vote(ArrayBufferWriter<byte> output, RaftMessage message)
    {
        output.WriteByte((byte)message);
        output.WriteInt64(PortSeeds.Term);
        output.WriteInt64(PortSeeds.LastIndex);
        output.WriteInt64(PortSeeds.Term);
    }

    private static void Append(ArrayBufferWriter<byte> output, int count, params byte[][] entries)
    {
        output.WriteByte((byte)RaftMessage.Append);
        output.WriteInt64(PortSeeds.Term);
        output.WriteInt64(PortSeeds.LastIndex);
        output.WriteInt64(PortSeeds.Term);
        output.WriteInt64(PortSeeds.LastIndex);
        output.WriteInt32(count);
        foreach (var entry in entries)
        {
            output.WriteInt64(PortSeeds.Term);
            output.WriteByte(RaftPeer.CommandFlag);
            output.WriteInt32(1);
            output.WriteBytes(entry);
        }
    }
}
