namespace Rqlite.Pg.Benchmarks;

/// <summary>What one run gave: operations a second, and the server's processor time for each in µs.</summary>
internal readonly record struct Sample(double PerSecond, double CpuMicroseconds)
{
    public static Sample Median(IReadOnlyCollection<Sample> samples) =>
        new(MedianOf(samples.Select(s => s.PerSecond)), MedianOf(samples.Select(s => s.CpuMicroseconds)));

    public static double MedianOf(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
