using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The database as the log sees it.</summary>
internal sealed class DatabaseStorage(Database database) : IReplicaStorage
{
    public long AppliedIndex => database.AppliedIndex;

    public long AppliedTerm => database.AppliedTerm;

    public long PendingFrom => database.PendingFrom;

    public ValueTask WaitUntilShownAsync(long index, CancellationToken token) => database.WaitUntilShownAsync(index, token);

    public (long Index, long Term) CopyBase => database.CopyBase;

    public bool TryGetDigest(long index, out ulong chained) => database.TryGetDigest(index, out chained);

    public ValueTask WaitForCheckpointAsync(TimeSpan atMost, CancellationToken token) => database.WaitForCheckpointAsync(atMost, token);

    public long Checkpoint() => database.Checkpoint();

    public ValueTask<(long Index, long Term)> WriteCopyAsync(Stream destination, CancellationToken token)
        => database.WriteCopyAsync(destination, token);

    public async ValueTask<IReplicaCopy> ReceiveCopyAsync(Stream source, CancellationToken token)
        => new Copy(await database.ReceiveCopyAsync(source, token).ConfigureAwait(false));

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
