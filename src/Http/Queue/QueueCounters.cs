namespace Rqlite.Pg.Http;

/// <summary>Counts of queued writes since the start. <c>Received</c> is counted under the queue's lock, all others by its one worker.</summary>
internal sealed class QueueCounters
{
    /// <summary>Requests that were taken.</summary>
    public long Received;

    /// <summary>Batches that were run.</summary>
    public long Flushed;

    /// <summary>Batches that were run because their first request had waited long enough.</summary>
    public long TimedOut;

    /// <summary>Statements in batches that were run.</summary>
    public long Statements;

    /// <summary>Statements that ended in an error.</summary>
    public long StatementsFailed;

    /// <summary>Requests whose transaction was rolled back.</summary>
    public long RequestsUndone;

    /// <summary>Requests that were given up and certainly not run.</summary>
    public long RequestsFailed;

    /// <summary>Requests that were given up and may have been run.</summary>
    public long RequestsUnknown;

    /// <summary>Tries of batches after the first.</summary>
    public long Retries;
}
