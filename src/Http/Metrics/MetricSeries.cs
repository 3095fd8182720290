namespace Rqlite.Pg.Http;

/// <summary>The values of an instrument under one set of tags. Threads add to cells of their own, as far as there are enough.</summary>
/// <param name="bounds">The upper bounds of a histogram's buckets; null for a single value.</param>
internal sealed class MetricSeries(KeyValuePair<string, string>[] labels, double[]? bounds)
{
    private const int CellCount = 8;

    private readonly Cell?[] _cells = new Cell?[CellCount];

    public KeyValuePair<string, string>[] Labels => labels;

    public double[]? Bounds => bounds;

    /// <summary>The value; of a histogram, the sum.</summary>
    public double Sum
    {
        get
        {
            var sum = 0.0;
            foreach (var cell in _cells)
            {
                sum += cell is null ? 0 : Volatile.Read(ref cell.Sum);
            }

            return sum;
        }
    }

    /// <summary>The counts of a histogram's buckets, with the one beyond the last bound.</summary>
    public long[] Counts()
    {
        var counts = new long[bounds!.Length + 1];
        foreach (var cell in _cells)
        {
            for (var i = 0; cell is not null && i < counts.Length; i++)
            {
                counts[i] += Volatile.Read(ref cell.Counts[i]);
            }
        }

        return counts;
    }

    public void Set(double value) => Volatile.Write(ref CellAt(0).Sum, value);

    public void Add(double value)
    {
        var cell = CellAt(Environment.CurrentManagedThreadId & (CellCount - 1));
        double seen;
        do
        {
            seen = Volatile.Read(ref cell.Sum);
        }
        while (Interlocked.CompareExchange(ref cell.Sum, seen + value, seen) != seen);

        if (bounds is not null)
        {
            var bucket = 0;
            while (bucket < bounds.Length && value > bounds[bucket])
            {
                bucket++;
            }

            Interlocked.Increment(ref cell.Counts[bucket]);
        }
    }

    private Cell CellAt(int index)
    {
        if (Volatile.Read(ref _cells[index]) is { } cell)
        {
            return cell;
        }

        var fresh = new Cell(bounds is null ? 0 : bounds.Length + 1);
        return Interlocked.CompareExchange(ref _cells[index], fresh, null) ?? fresh;
    }

    private sealed class Cell(int buckets)
    {
        public readonly long[] Counts = new long[buckets];
        public double Sum;
    }
}
