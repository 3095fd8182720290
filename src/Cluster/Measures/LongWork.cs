using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Work that may take minutes: backups, loads, copies between nodes. What is under way is in <c>/status</c>; the log tells of its begin, of its end, and of
/// its progress in between.
/// </summary>
internal sealed class LongWork(ILogger logger)
{
    private static readonly TimeSpan s_telling = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly List<Item> _items = [];

    /// <summary>Notes the begin of a piece of work, which ends when the result is disposed.</summary>
    /// <param name="kind">A name as in the metrics: <c>backup</c>, <c>load</c>, <c>copy_sent</c>, <c>copy_received</c>.</param>
    /// <param name="stage">What is being done first.</param>
    public Item Begin(string kind, string stage)
    {
        var item = new Item(this, kind, stage);
        lock (_gate)
        {
            _items.Add(item);
        }

        logger.WorkBegan(kind, stage);
        return item;
    }

    /// <summary>The <c>work</c> section of <c>/status</c>: what is under way, the oldest first.</summary>
    public List<object?> Status()
    {
        lock (_gate)
        {
            return [.. _items.Select(static item => (object?)item.Status())];
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    private void End(Item item, TimeSpan elapsed)
    {
        lock (_gate)
        {
            _items.Remove(item);
        }

        ClusterMetrics.WorkDuration.Record(
            elapsed.TotalSeconds, new("kind", item.Kind), new KeyValuePair<string, object?>("result", item.Succeeded ? "ok" : "failed"));
        if (item.Succeeded)
        {
            logger.WorkDone(item.Kind, item.Done, Math.Round(elapsed.TotalSeconds, 3));
        }
        else
        {
            logger.WorkFailed(item.Kind, item.Stage, item.Done, Math.Round(elapsed.TotalSeconds, 3));
        }
    }

    /// <summary>One piece of work; its bytes may be counted on any thread.</summary>
    internal sealed class Item : IDisposable
    {
        private readonly LongWork _owner;
        private readonly KeyValuePair<string, object?> _tag;
        private readonly long _started = Stopwatch.GetTimestamp();
        private long _done;
        private long _told = Stopwatch.GetTimestamp();
        private volatile State _state;
        private int _ended;

        internal Item(LongWork owner, string kind, string stage)
        {
            _owner = owner;
            Kind = kind;
            _tag = new("kind", kind);
            _state = new(stage, null);
        }

        public string Kind { get; }

        public string Stage => _state.Stage;

        /// <summary>The bytes of the present stage so far.</summary>
        public long Done => Interlocked.Read(ref _done);

        public bool Succeeded { get; private set; }

        /// <summary>Begins the next stage, whose bytes are counted anew.</summary>
        /// <param name="total">The bytes that the stage will have; null if that is not known.</param>
        public void Enter(string stage, long? total)
        {
            Interlocked.Exchange(ref _done, 0);
            _state = new(stage, total);
        }

        public void Add(long bytes)
        {
            var done = Interlocked.Add(ref _done, bytes);
            ClusterMetrics.WorkBytes.Add(bytes, _tag);
            var told = Volatile.Read(ref _told);
            if (Stopwatch.GetElapsedTime(told) > s_telling && Interlocked.CompareExchange(ref _told, Stopwatch.GetTimestamp(), told) == told)
            {
                var (stage, total) = _state;
                _owner.Tell(Kind, stage, done, total, Stopwatch.GetElapsedTime(_started));
            }
        }

        /// <summary>The work is done; without this call its end counts as a failure.</summary>
        public void Succeed() => Succeeded = true;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                _owner.End(this, Stopwatch.GetElapsedTime(_started));
            }
        }

        internal Dictionary<string, object?> Status()
        {
            var (stage, total) = _state;
            return new()
            {
                ["kind"] = Kind,
                ["stage"] = stage,
                ["bytes"] = Done,
                ["bytes_total"] = total,
                ["seconds"] = Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 1),
            };
        }

        private sealed record State(string Stage, long? Total);
    }

    private void Tell(string kind, string stage, long done, long? total, TimeSpan elapsed) =>
        logger.WorkGoesOn(kind, stage, done, total is { } all ? $"{all} bytes" : "an unknown number", (long)elapsed.TotalSeconds);
}
