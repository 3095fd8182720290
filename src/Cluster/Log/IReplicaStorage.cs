namespace Rqlite.Pg.Cluster;

/// <summary>The database as the log sees it: its applied and durable indexes, and copies.</summary>
internal interface IReplicaStorage : IAsyncDisposable
{
    /// <summary>The last entry whose effects the open database holds.</summary>
    long AppliedIndex { get; }

    long AppliedTerm { get; }

    /// <summary>The first entry that was applied but cannot be read yet; 0 if there is none.</summary>
    long PendingFrom => 0;

    /// <summary>Waits until an applied entry can be read.</summary>
    ValueTask WaitUntilShownAsync(long index, CancellationToken token) => ValueTask.CompletedTask;

    /// <summary>The base that an installed copy brought with it, else zeros.</summary>
    (long Index, long Term) CopyBase { get; }

    bool TryGetDigest(long index, out ulong chained);

    /// <summary>Waits until a checkpoint is worth its cost, at most <paramref name="atMost"/>.</summary>
    ValueTask WaitForCheckpointAsync(TimeSpan atMost, CancellationToken token);

    /// <summary>Makes the database durable, and returns an index that it has even after a power cut.</summary>
    long Checkpoint();

    /// <summary>Writes a consistent copy; returns the index and term found in it.</summary>
    ValueTask<(long Index, long Term)> WriteCopyAsync(Stream destination, CancellationToken token);

    ValueTask<IReplicaCopy> ReceiveCopyAsync(Stream source, CancellationToken token);

    void Install(IReplicaCopy copy);
}

/// <summary>A received copy, verified and durable; disposing it deletes it unless it was installed.</summary>
internal interface IReplicaCopy : IAsyncDisposable
{
    long Index { get; }

    long Term { get; }
}
