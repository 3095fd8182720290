using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The library's log without its warning at every round that a member is far behind.</summary>
internal sealed class QuietLogger(ILogger inner) : ILogger
{
    private const int TooFarBehind = 74044;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id != TooFarBehind)
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
