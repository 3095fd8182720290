using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>An internal error that a door caught is a finding all the same.</summary>
internal sealed class FindingLogger : ILogger
{
    public string? Finding { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Error)
        {
            Finding ??= $"{formatter(state, exception)}\n{exception}";
        }
    }
}
