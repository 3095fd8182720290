using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The library's log without its warnings about two normal states: a member that is far behind, and one that has yet to get entries.
/// </summary>
internal sealed class QuietLogger(ILogger inner) : ILogger
{
    private const int TooFarBehind = 74044;
    private const int FromEarlierEntry = 74015;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is not (TooFarBehind or FromEarlierEntry))
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
