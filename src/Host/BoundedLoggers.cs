using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Host;

/// <summary>
/// Bounds how often one event is logged, since strangers cause some at any rate they like: a number at once, then a few a second. How many
/// were left out is told with the next that is logged. Critical events are never left out, nor those of ours that only debugging shows.
/// </summary>
internal sealed class BoundedLoggers(ILoggerFactory loggers, TimeProvider clock) : ILoggerFactory
{
    public const int AtOnce = 50;
    private const double PerSecond = 2;

    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);

    public ILogger CreateLogger(string categoryName) =>
        _loggers.GetOrAdd(
            categoryName,
            static (name, self) => new Bounded(self.Inner.CreateLogger(name), LeastOf(name), self.Clock),
            (Inner: loggers, Clock: clock));

    // The server tells of what strangers send at the level of debugging.
    private static LogLevel LeastOf(string category) =>
        category.StartsWith("Microsoft.", StringComparison.Ordinal) ? LogLevel.Trace : LogLevel.Information;

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public void Dispose() => loggers.Dispose();

    private sealed class Bounded(ILogger logger, LogLevel least, TimeProvider clock) : ILogger
    {
        private readonly ConcurrentDictionary<int, Bucket> _buckets = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= least && logLevel < LogLevel.Critical)
            {
                if (!_buckets.GetOrAdd(eventId.Id, static (_, clock) => new Bucket(clock), clock).TryTake(out var left))
                {
                    return;
                }

                if (left > 0)
                {
                    HostLog.LeftOut(logger, left, eventId.Id);
                }
            }

            logger.Log(logLevel, eventId, state, exception, formatter);
        }
    }

    private sealed class Bucket(TimeProvider clock)
    {
        private readonly Lock _gate = new();
        private double _tokens = AtOnce;
        private long _filled = clock.GetTimestamp();
        private long _left;

        public bool TryTake(out long left)
        {
            lock (_gate)
            {
                var now = clock.GetTimestamp();
                _tokens = Math.Min(AtOnce, _tokens + (PerSecond * clock.GetElapsedTime(_filled, now).TotalSeconds));
                _filled = now;
                left = _left;
                if (_tokens < 1)
                {
                    _left++;
                    return false;
                }

                _tokens--;
                _left = 0;
                return true;
            }
        }
    }
}
