using System.Collections.Concurrent;
using System.Diagnostics;

namespace Rqlite.Pg.Histories;

/// <summary>Collects operations of many clients; times come from <see cref="Stopwatch"/>, which is one clock for all threads.</summary>
public sealed class HistoryLog
{
    private readonly ConcurrentQueue<Operation> _operations = new();

    public static long Now => Stopwatch.GetTimestamp();

    public int Count => _operations.Count;

    public void Add(Operation operation) => _operations.Enqueue(operation);

    public IReadOnlyList<Operation> ToList() => [.. _operations];
}
