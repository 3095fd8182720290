namespace Rqlite.Pg.Http;

/// <summary>The settings of queued writes, with rqlite's defaults (<c>-write-queue-*</c>).</summary>
public sealed record WriteQueueOptions
{
    /// <summary>The most requests that wait to be taken into a batch; further ones wait for room.</summary>
    public int Capacity { get; init; } = 1024;

    /// <summary>A batch is run when so many requests wait.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>A batch is run when its first request has waited for so long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Each batch takes effect wholly or not at all.</summary>
    public bool Transaction { get; init; }
}
