namespace Rqlite.Pg.Histories;

/// <summary>
/// The order of appends of every list, taken from what was read, and whatever contradicts there being one. The transactions that count as
/// committed are those acknowledged and the unknown ones of which somebody saw an append.
/// </summary>
internal sealed class ListVersions
{
    private readonly Dictionary<(string Key, long Value), ListTransaction> _appenders = [];
    private readonly Dictionary<string, List<long>> _orders = [];
    private readonly Dictionary<ListTransaction, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly List<ListTransaction> _committed = [];

    public ListVersions(IReadOnlyList<ListTransaction> history)
    {
        foreach (var transaction in history)
        {
            foreach (var step in transaction.Steps.Where(s => s.Read is null))
            {
                if (!_appenders.TryAdd((step.Key, step.Value), transaction))
                {
                    throw new ArgumentException($"The workload appended {step.Value} to {step.Key} twice.", nameof(history));
                }
            }
        }

        Anomaly = history.Where(t => t.Outcome == Outcome.Ok).Select(Own).FirstOrDefault(a => a is not null) ?? Gather(history);
    }

    /// <summary>What is wrong even without looking at dependencies; null if nothing is.</summary>
    public string? Anomaly { get; private set; }

    public IReadOnlyList<ListTransaction> Committed => _committed;

    public void AddDependencies(DependencyGraph graph)
    {
        var readers = Readers();
        foreach (var (key, order) in _orders)
        {
            for (var i = 1; i < order.Count; i++)
            {
                graph.Add(Number(key, order[i - 1]), Number(key, order[i]), Dependency.WriteWrite, $"appended {order[i - 1]} to {key} directly (ww)");
            }
        }

        for (var i = 0; i < _committed.Count; i++)
        {
            AddReads(graph, i);
            AddUnseen(graph, i, readers);
        }
    }

    /// <summary>What a transaction read of others: without what it had itself appended before, which stands at the end.</summary>
    private static IEnumerable<(string Key, IReadOnlyList<long> List)> Foreign(ListTransaction transaction)
    {
        var own = new Dictionary<string, int>();
        foreach (var step in transaction.Steps)
        {
            if (step.Read is null)
            {
                own[step.Key] = own.GetValueOrDefault(step.Key) + 1;
            }
            else
            {
                yield return (step.Key, [.. step.Read.SkipLast(own.GetValueOrDefault(step.Key))]);
            }
        }
    }

    /// <summary>A read must show the transaction's own appends, last, and nothing else that its earlier reads of that list did not.</summary>
    private static string? Own(ListTransaction transaction)
    {
        var expected = new Dictionary<string, List<long>>();
        var appended = new Dictionary<string, List<long>>();
        foreach (var step in transaction.Steps)
        {
            if (step.Read is null)
            {
                appended.TryAdd(step.Key, []);
                appended[step.Key].Add(step.Value);
                if (expected.TryGetValue(step.Key, out var known))
                {
                    known.Add(step.Value);
                }

                continue;
            }

            var right = expected.TryGetValue(step.Key, out var whole) ? step.Read.SequenceEqual(whole)
                : !appended.TryGetValue(step.Key, out var tail) || step.Read.TakeLast(tail.Count).SequenceEqual(tail);
            if (!right)
            {
                return $"internal: {step} contradicts what the transaction itself did before\n  {transaction}";
            }

            expected[step.Key] = [.. step.Read];
        }

        return null;
    }

    private string? Gather(IReadOnlyList<ListTransaction> history)
    {
        if (Orders(history.Where(t => t.Outcome == Outcome.Ok)) is { } anomaly)
        {
            return anomaly;
        }

        // What an unknown transaction read counts once an append of it was seen, and may show appends of further ones.
        var waiting = history.Where(t => t.Outcome == Outcome.Unknown).ToList();
        foreach (var transaction in history.Where(t => t.Outcome == Outcome.Ok))
        {
            Commit(transaction);
        }

        for (; ; )
        {
            var seen = waiting.Where(IsSeen).ToList();
            if (seen.Count == 0)
            {
                return null;
            }

            waiting.RemoveAll(seen.Contains);
            seen.ForEach(Commit);
            anomaly = seen.Select(Own).FirstOrDefault(a => a is not null) ?? Orders(seen);
            if (anomaly is not null)
            {
                return anomaly;
            }
        }
    }

    private void Commit(ListTransaction transaction)
    {
        _numbers[transaction] = _committed.Count;
        _committed.Add(transaction);
    }

    private bool IsSeen(ListTransaction transaction) =>
        transaction.Steps.Any(s => s.Read is null && _orders.TryGetValue(s.Key, out var order) && order.Contains(s.Value));

    private string? Orders(IEnumerable<ListTransaction> transactions)
    {
        foreach (var transaction in transactions)
        {
            foreach (var (key, list) in Foreign(transaction))
            {
                if (Take(transaction, key, list) is { } anomaly)
                {
                    return $"{anomaly}\n  {transaction}";
                }
            }
        }

        return null;
    }

    private string? Take(ListTransaction reader, string key, IReadOnlyList<long> list)
    {
        if (!_orders.TryGetValue(key, out var order))
        {
            _orders[key] = order = [];
        }

        var common = Math.Min(order.Count, list.Count);
        for (var i = 0; i < common; i++)
        {
            if (order[i] != list[i])
            {
                return $"incompatible order: {key} was read as [{string.Join(' ', order)}] and as [{string.Join(' ', list)}]";
            }
        }

        for (var i = common; i < list.Count; i++)
        {
            if (Strange(reader, key, list[i], order) is { } strange)
            {
                return strange;
            }

            order.Add(list[i]);
        }

        return list.Count == 0 ? null : Intermediate(reader, key, list[^1]);
    }

    private string? Strange(ListTransaction reader, string key, long value, List<long> before)
    {
        if (before.Contains(value))
        {
            return $"duplicate: {value} is in {key} twice";
        }

        if (!_appenders.TryGetValue((key, value), out var appender))
        {
            return $"garbage: nobody appended {value} to {key}";
        }

        if (ReferenceEquals(appender, reader))
        {
            return $"future: {value} was read from {key} before the transaction itself appended it";
        }

        return appender.Outcome == Outcome.Failed ? $"G1a: {value} in {key} was appended by a transaction that was refused\n  {appender}" : null;
    }

    private string? Intermediate(ListTransaction reader, string key, long last)
    {
        var appender = _appenders[(key, last)];
        var final = appender.Steps.Last(s => s.Read is null && s.Key == key).Value;
        return final == last || ReferenceEquals(appender, reader) ? null : $"G1b: {last} in {key} was read before its transaction also appended {final}\n  {appender}";
    }

    private int Number(string key, long value) => _numbers[_appenders[(key, value)]];

    private void AddReads(DependencyGraph graph, int reader)
    {
        foreach (var (key, list) in Foreign(_committed[reader]))
        {
            if (list.Count > 0)
            {
                graph.Add(Number(key, list[^1]), reader, Dependency.WriteRead, $"appended {list[^1]} to {key}, which the next read (wr)");
            }

            var order = _orders[key];
            if (list.Count < order.Count)
            {
                var next = order[list.Count];
                graph.Add(reader, Number(key, next), Dependency.ReadWrite, $"did not see {next}, which the next appended to {key} (rw)");
            }
        }
    }

    /// <summary>An append that no read shows stands, since lists only grow, behind all that was read.</summary>
    private void AddUnseen(DependencyGraph graph, int writer, Dictionary<(string Key, int Length), List<int>> readers)
    {
        foreach (var step in _committed[writer].Steps.Where(s => s.Read is null))
        {
            if (!_orders.TryGetValue(step.Key, out var order) || order.Contains(step.Value))
            {
                continue;
            }

            if (order.Count > 0)
            {
                var last = Number(step.Key, order[^1]);
                graph.Add(last, writer, Dependency.WriteWrite, $"appended {order[^1]} to {step.Key} (ww)");
            }

            foreach (var reader in readers.GetValueOrDefault((step.Key, order.Count), []))
            {
                graph.Add(reader, writer, Dependency.ReadWrite, $"did not see {step.Value}, which the next appended to {step.Key} (rw)");
            }
        }
    }

    private Dictionary<(string Key, int Length), List<int>> Readers()
    {
        var readers = new Dictionary<(string Key, int Length), List<int>>();
        for (var i = 0; i < _committed.Count; i++)
        {
            foreach (var (key, list) in Foreign(_committed[i]))
            {
                if (!readers.TryGetValue((key, list.Count), out var found))
                {
                    readers[(key, list.Count)] = found = [];
                }

                found.Add(i);
            }
        }

        return readers;
    }
}
