using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests;

public sealed class ApplyProgressTests : IEntryApplier, ILogger
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private Action _apply = () => { };

    [Fact]
    public void An_entry_that_takes_long_is_told_with_its_index_and_statement()
    {
        using var progress = new ApplyProgress(this, _time, this);
        _apply = () =>
        {
            Assert.Null(progress.Current(TimeSpan.FromSeconds(1)));
            _time.Pass(9);
            Assert.Null(progress.Current(ApplyProgress.LongApply));
            Assert.Empty(_lines);
            _time.Pass(3);
            Assert.Equal((7L, TimeSpan.FromSeconds(12), "INSERT INTO t VALUES (1)"), progress.Current(ApplyProgress.LongApply));
            _time.Pass(8);
            Assert.Single(_lines);
            _time.Pass(5);
        };
        progress.Apply(7, 1, Entry(), null);
        Assert.Null(progress.Current(TimeSpan.Zero));
        Assert.Equal(
            [
                "Entry 7 has been applying for 12 s: INSERT INTO t VALUES (1)", "Entry 7 has been applying for 25 s: INSERT INTO t VALUES (1)",
                "Entry 7 was applied after 25 s",
            ],
            _lines);
    }

    [Fact]
    public void An_entry_that_fails_is_not_applying_any_more()
    {
        using var progress = new ApplyProgress(this, _time, this);
        _apply = () => throw new InvalidDataException("no entry");
        Assert.Throws<InvalidDataException>(() => progress.Apply(7, 1, new byte[] { 0xFF }, null));
        Assert.Null(progress.Current(TimeSpan.Zero));
    }

    void IEntryApplier.Check(ReadOnlyMemory<byte> entry) => throw new InvalidDataException("asked");

    [Fact]
    public void It_lets_the_applier_look_at_entries_of_others()
    {
        using var progress = new ApplyProgress(this, TimeProvider.System, this);
        Assert.Throws<InvalidDataException>(() => progress.Check(default));
    }

    void IEntryApplier.Apply(long index, long term, ReadOnlyMemory<byte> entry, object? context) => _apply();

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(formatter(state, exception));

    private static ReadOnlyMemory<byte> Entry()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var batch = new StatementBatch([new Statement("INSERT INTO t VALUES (1)"u8.ToArray(), ReadOnlyMemory<byte>.Empty)], BatchOptions.None);
        LogCommandEncoding.WriteHead(output, 1, 1, 1, 1);
        LogCommandEncoding.WriteCommand(output, new ApplyCommand(default, batch));
        return output.WrittenMemory;
    }

    /// <summary>Time that passes when told to, and the one timer of the watch.</summary>
    private sealed class ManualTime : TimeProvider, ITimer
    {
        private long _seconds;
        private Action _tick = () => { };

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _seconds;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _tick = () => callback(state);
            return this;
        }

        public void Pass(int seconds)
        {
            _seconds += seconds;
            _tick();
        }

        bool ITimer.Change(TimeSpan dueTime, TimeSpan period) => true;

        void IDisposable.Dispose() => _tick = () => { };

        ValueTask IAsyncDisposable.DisposeAsync() => ValueTask.CompletedTask;
    }
}
