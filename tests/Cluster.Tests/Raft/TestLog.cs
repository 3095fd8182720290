using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>The last lines that the nodes of all tests have logged; a wait that fails shows them.</summary>
internal static class TestLog
{
    private const int LinesMax = 300;
    private static readonly ConcurrentQueue<string> Lines = new();

    public static string Text => string.Join('\n', Lines);

    public static ILoggerFactory For(string node) => new Factory(node);

    private sealed class Factory(string node) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) => categoryName == "Rqlite.Pg.Raft" ? NullLogger.Instance : this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            Lines.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {node} {logLevel} {formatter(state, exception)} {exception}".TrimEnd());
            while (Lines.Count > LinesMax)
            {
                Lines.TryDequeue(out _);
            }
        }

        public void Dispose()
        {
        }
    }
}
