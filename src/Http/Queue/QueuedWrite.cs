using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>A request's statements in the queue, and their outcome.</summary>
internal sealed class QueuedWrite(IReadOnlyList<Statement> statements, long reservedBytes)
{
    private readonly TaskCompletionSource<QueuedOutcome> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Statement> Statements { get; } = statements;

    /// <summary>The share of the memory budget that the request holds until its batch has been run.</summary>
    public long ReservedBytes { get; } = reservedBytes;

    /// <summary>The size of the statements in a batch.</summary>
    public long BatchBytes { get; } = WriteQueue.BatchBytesOf(statements);

    /// <summary>The client's name for its write; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>The request takes effect wholly or not at all.</summary>
    public bool Atomic { get; init; }

    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>Somebody waits for the outcome; what goes wrong otherwise is in the log only.</summary>
    public bool Awaited { get; init; }

    /// <summary>The request does not share a batch: it asks for what other requests have not asked for.</summary>
    public bool Alone => Key is not null || Atomic || StatementTimeout is not null;

    public long Sequence { get; set; }

    public long ArrivedTicks { get; set; }

    public Task<QueuedOutcome> Done => _done.Task;

    public void Complete(QueuedOutcome outcome) => _done.TrySetResult(outcome);
}

/// <summary>The outcome of a queued request.</summary>
/// <param name="Statements">The outcomes of its statements, in their order, as far as they were run.</param>
/// <param name="Error">The error of the transaction that the statements were part of; null if it was committed, or there was none.</param>
/// <param name="Failure">The request failed as a whole, for this reason.</param>
internal sealed record QueuedOutcome(IReadOnlyList<StatementOutcome> Statements, string? Error, Exception? Failure)
{
    public static QueuedOutcome Nothing { get; } = new([], null, null);

    public static QueuedOutcome Failed(Exception failure) => new([], null, failure);

    /// <summary>The first statement that failed, counted from 0; -1 for none.</summary>
    public int FailedStatement { get; } = FirstError(Statements);

    private static int FirstError(IReadOnlyList<StatementOutcome> statements)
    {
        for (var i = 0; i < statements.Count; i++)
        {
            if (statements[i].Error is { AtCommit: false })
            {
                return i;
            }
        }

        return -1;
    }
}
