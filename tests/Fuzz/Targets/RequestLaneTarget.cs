using Rqlite.Pg.Cluster;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Requests of every kind that a member sends to a leader, but for joins, which would dial what the input says.</summary>
internal sealed class RequestLaneTarget : IFuzzTarget, IAsyncDisposable
{
    private readonly Lazy<Task<PortHost>> _host = new(() => PortHost.StartAsync(leads: true));

    public string Name => "requests";

    public IEnumerable<byte[]> Seeds =>
    [
        Batch(ForwardedMode.Execute, PortSeeds.Text("CREATE TABLE IF NOT EXISTS t(a)")),
        Batch(ForwardedMode.Execute, PortSeeds.Insert),
        Batch(ForwardedMode.Request, PortSeeds.Insert, PortSeeds.Text("SELECT * FROM t LIMIT 3")),
        Batch(ForwardedMode.Query, PortSeeds.Text("SELECT * FROM t LIMIT 3")),
        Frame(NodeRequestKind.Describe, PortSeeds.Bytes(o => ShapeEncoding.WriteRequest(o, "SELECT a FROM t"u8, BatchOptions.None))),
        Frame(NodeRequestKind.LockLease, new byte[16]),
        Frame(NodeRequestKind.Meta, []),
        Frame(NodeRequestKind.Members, []),
        Frame(NodeRequestKind.ReadIndex, []),
        Frame(NodeRequestKind.Remove, MembershipRequest.Encode("nobody", 0).Span),
        Frame(NodeRequestKind.StepDown, MembershipRequest.Encode("", 0).Span),
        Frame(NodeRequestKind.Digest, new byte[8]),
        Frame(NodeRequestKind.TimeoutNow, new byte[24]),
        Frame(NodeRequestKind.Tail, [1, 0, 0, 0, 0, 0, 0, 0, .. new byte[8]]),
        Frame(NodeRequestKind.Notify, new byte[30]),
    ];

    public async ValueTask RunAsync(byte[] input)
    {
        for (var at = 4; at < input.Length; at++)
        {
            // Wherever a frame may begin.
            if (input[at] == (byte)NodeRequestKind.Join && input[at - 1] == 0)
            {
                return;
            }
        }

        await (await _host.Value).ServeAsync(LaneKind.Request, input);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host.IsValueCreated)
        {
            await (await _host.Value).DisposeAsync();
        }
    }

    private static byte[] Frame(NodeRequestKind kind, ReadOnlySpan<byte> body) => PortSeeds.Frame((byte)kind, body);

    private static byte[] Batch(ForwardedMode mode, params Statement[] statements) => Frame(NodeRequestKind.Batch, PortSeeds.Bytes(o =>
        new ForwardedRequest(mode, RequestId.Random(), TimeSpan.FromSeconds(1), ReadOptions.Default with { Consistency = ReadConsistency.Weak }, new(statements, BatchOptions.None))
            .Write(o)));
}
