namespace Rqlite.Pg.Abuse;

/// <summary>How long answers took, in milliseconds.</summary>
internal sealed record Times(int Count, double P50, double P99, double Longest)
{
    public static Times Of(IEnumerable<(bool Write, double Milliseconds)> times)
    {
        var sorted = times.Select(static t => t.Milliseconds).Order().ToArray();
        return sorted.Length == 0
            ? new(0, 0, 0, 0)
            : new(sorted.Length, sorted[sorted.Length / 2], sorted[Math.Min(sorted.Length - 1, sorted.Length * 99 / 100)], sorted[^1]);
    }

    public override string ToString() => $"{Count} p50 {P50:0} p99 {P99:0} max {Longest:0} ms";
}
