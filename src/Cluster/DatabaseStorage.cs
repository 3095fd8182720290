using Microsoft.Extensions.Logging.Abstractions;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The database as the log sees it.</summary>
internal sealed class DatabaseStorage(Database database, LongWork? work = null) : IReplicaStorage
{
    private readonly LongWork _work = work ?? new(NullLogger.Instance);

    public long AppliedIndex => database.AppliedIndex;

    public long AppliedTerm => database.AppliedTerm;

    public long PendingFrom => database.PendingFrom;

    public ValueTask WaitUntilShownAsync(long index, CancellationToken token) => database.WaitUntilShownAsync(index, token);

    public (long Index, long Term) CopyBase => database.CopyBase;

    public bool TryGetDigest(long index, out ulong chained) => database.TryGetDigest(index, out chained);

    public ValueTask WaitForCheckpointAsync(TimeSpan atMost, CancellationToken token) => database.WaitForCheckpointAsync(atMost, token);

    public long Checkpoint() => database.Checkpoint();

    public async ValueTask<(long Index, long Term)> WriteCopyAsync(Stream destination, CancellationToken token)
    {
        using var copy = _work.Begin("copy_sent", "sending");
        copy.Enter("sending", database.Figures().FileBytes);
        var counted = new CountedStream(destination, copy);
        await using (counted.ConfigureAwait(false))
        {
            var end = await database.WriteCopyAsync(counted, token).ConfigureAwait(false);
            copy.Succeed();
            return end;
        }
    }

    public async ValueTask<IReplicaCopy> ReceiveCopyAsync(Stream source, CancellationToken token)
    {
        using var copy = _work.Begin("copy_received", "receiving");
        var counted = new CountedStream(source, copy);
        await using (counted.ConfigureAwait(false))
        {
            var received = await database.ReceiveCopyAsync(counted, token).ConfigureAwait(false);
            copy.Succeed();
            return new Copy(received);
        }
    }

    public void Install(IReplicaCopy copy) => database.Install(((Copy)copy).Received);

    public ValueTask DisposeAsync() => database.DisposeAsync();

    private sealed class Copy(ReceivedCopy received) : IReplicaCopy
    {
        public ReceivedCopy Received => received;

        public long Index => received.Index;

        public long Term => received.Term;

        public ValueTask DisposeAsync() => received.DisposeAsync();
    }
}
