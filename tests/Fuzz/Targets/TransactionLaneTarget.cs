using Rqlite.Pg.Cluster;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>Conversations of a member with a leader. Each ends with its connection, so the next one finds the writer free.</summary>
internal sealed class TransactionLaneTarget : IFuzzTarget, IAsyncDisposable
{
    private readonly Lazy<Task<PortHost>> _host = new(() => PortHost.StartAsync(leads: true));

    public string Name => "transactions";

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            var begin = Frame(TransactionRequest.Begin, TransactionMessages.Begin(new TransactionOptions()));
            var create = Frame(TransactionRequest.Run, TransactionMessages.Run(PortSeeds.Text("CREATE TABLE IF NOT EXISTS t(a)"), null));
            var insert = Frame(TransactionRequest.Run, TransactionMessages.Run(PortSeeds.Insert, TimeSpan.FromSeconds(1)));
            var commit = Frame(TransactionRequest.Commit, TransactionMessages.Number());
            var number = TransactionMessages.Number(1);
            return
            [
                [.. begin, .. create, .. commit],
                [.. begin, .. insert, .. Frame(TransactionRequest.SetSavepoint, number), .. insert, .. Frame(TransactionRequest.RollBackTo, number), .. commit],
                [.. begin, .. insert, .. Frame(TransactionRequest.Suspend, number), .. insert, .. Frame(TransactionRequest.RollBack, number), .. begin, .. commit],
                [.. begin, .. Frame(TransactionRequest.SetSavepoint, number), .. Frame(TransactionRequest.Release, number), .. Frame(TransactionRequest.Stay, number)],
                [.. begin, .. Frame(TransactionRequest.Check, TransactionMessages.Check([new(PortSeeds.Text("SELECT * FROM t"), 5)])), .. commit],
                [.. begin, .. Frame(TransactionRequest.Describe, PortSeeds.Bytes(o => ShapeEncoding.WriteRequest(o, "SELECT a FROM t"u8, BatchOptions.None)))],
                [.. begin, .. insert, .. Frame(TransactionRequest.Interrupt, default), .. insert],
            ];
        }
    }

    public async ValueTask RunAsync(byte[] input) => await (await _host.Value).ServeAsync(LaneKind.Transaction, input);

    public async ValueTask DisposeAsync()
    {
        if (_host.IsValueCreated)
        {
            await (await _host.Value).DisposeAsync();
        }
    }

    private static byte[] Frame(TransactionRequest request, ReadOnlyMemory<byte> body) => PortSeeds.Frame((byte)request, body.Span);
}
