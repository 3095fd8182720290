using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Watches the applier: the current entry, and how long it has taken. A long apply is logged, and shown in <c>/status</c> and <c>/readyz</c>.
/// </summary>
internal sealed class ApplyProgress : IEntryApplier, IDisposable
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IEntryApplier _applier;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private ReadOnlyMemory<byte> _entry;
    private long _index;
    private long _began;
    private TimeSpan _told;

    public ApplyProgress(IEntryApplier applier, TimeProvider clock, ILogger logger)
    {
        _applier = applier;
        _clock = clock;
        _logger = logger;
        _timer = clock.CreateTimer(static self => ((ApplyProgress)self!).Look(), this, s_look, s_look);
    }

    /// <summary>The time after which an apply is reported as long.</summary>
    public static TimeSpan LongApply { get; } = TimeSpan.FromSeconds(10);

    /// <summary>The entry that has been applying for at least this time.</summary>
    public (long Index, TimeSpan For, string What)? Current(TimeSpan atLeast)
    {
        lock (_gate)
        {
            var elapsed = _index == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(_began);
            return _index != 0 && elapsed >= atLeast ? (_index, elapsed, SkippedEntry.Describe(_entry)) : null;
        }
    }

    public void Check(ReadOnlyMemory<byte> entry) => _applier.Check(entry);

    public void Apply(long index, long term, ReadOnlyMemory<byte> entry, object? context)
    {
        Begin(index, entry);
        try
        {
            _applier.Apply(index, term, entry, context);
        }
        finally
        {
            End();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Begin(long index, ReadOnlyMemory<byte> entry)
    {
        lock (_gate)
        {
            (_index, _entry, _began, _told) = (index, entry, _clock.GetTimestamp(), TimeSpan.Zero);
        }
    }

    private void End()
    {
        lock (_gate)
        {
            if (_told > TimeSpan.Zero)
            {
                _logger.ApplyEnded(_index, (long)_clock.GetElapsedTime(_began).TotalSeconds);
            }

            ClusterMetrics.ApplyDuration.Record(_clock.GetElapsedTime(_began).TotalSeconds);

            // The entry's bytes may be reused from now on.
            (_index, _entry) = (0, default);
        }
    }

    /// <summary>Logs a long apply after ten seconds, then each time that it has taken twice as long.</summary>
    private void Look()
    {
        (long Index, TimeSpan For, string What) current;
        lock (_gate)
        {
            if (Current(LongApply) is not { } standing || standing.For < _told * 2)
            {
                return;
            }

            current = standing;
            _told = current.For;
        }

        _logger.ApplyIsLong(current.Index, (long)current.For.TotalSeconds, current.What);
    }
}
