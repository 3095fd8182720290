using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What strangers send does not fill the log, and does not act in it.</summary>
public sealed class BadConnectionTests
{
    [Fact]
    public void So_many_lines_are_written_in_a_while_and_the_others_counted()
    {
        var (log, clock) = (new Lines(), new Clock());
        var bad = new BadConnections(log, clock);
        for (var i = 0; i < 1_000; i++)
        {
            bad.Report(i, "192.0.2.1:7", "08P01", "no\r\nWARN forged \u001b[2J\u202e line" + new string('x', 10_000));
        }

        Assert.Equal(10, log.Count);
        clock.Now += TimeSpan.FromSeconds(11).Ticks;
        bad.Report(1_000, "192.0.2.1:7", "08P01", "again");
        Assert.Equal(12, log.Count);
        Assert.Contains("990", log[10], StringComparison.Ordinal);
        Assert.All(log, line => Assert.DoesNotContain(line, c => char.IsControl(c) || c == '\u202e'));
        Assert.All(log, line => Assert.InRange(line.Length, 1, 400));
        Assert.Contains("no\\u000d\\u000aWARN forged", log[0], StringComparison.Ordinal);
    }

    private sealed class Clock : TimeProvider
    {
        public long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now;
    }

    private sealed class Lines : List<string>, ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Add(formatter(state, exception));
    }
}
