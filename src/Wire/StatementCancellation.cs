namespace Rqlite.Pg.Wire;

/// <summary>Cancels the session's running statement and never a later one: a source that was claimed for cancelling is not used again.</summary>
internal sealed class StatementCancellation
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _source;
    private bool _running;
    private bool _claimed;

    /// <summary>The token of the running statement.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>False while the session waits for its client.</summary>
    public bool Running
    {
        get
        {
            lock (_gate)
            {
                return _running;
            }
        }
    }

    /// <summary>A source that is cancelled with what is running, and after the limit.</summary>
    public CancellationTokenSource Within(TimeSpan? limit)
    {
        var limited = CancellationTokenSource.CreateLinkedTokenSource(Token);
        if (limit is { } most)
        {
            limited.CancelAfter(most);
        }

        return limited;
    }

    /// <summary>Called by the session's loop when it has something to do.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (!_running)
            {
                _source ??= new CancellationTokenSource();
                Token = _source.Token;
                _running = true;
            }
        }
    }

    /// <summary>Called by the session's loop when a query has been answered, and before it waits for the client.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _running = false;
            if (_claimed)
            {
                // The canceller may still use this source, so it is left to the canceller.
                _source = null;
                _claimed = false;
            }
        }
    }

    /// <summary>Cancels the running statement; from any thread. Does nothing while the session waits for its client.</summary>
    public void Cancel()
    {
        CancellationTokenSource? source;
        lock (_gate)
        {
            if (!_running || _claimed)
            {
                return;
            }

            _claimed = true;
            source = _source;
        }

        source?.Cancel();
    }
}
