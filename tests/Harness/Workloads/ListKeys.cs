namespace Rqlite.Pg.Harness.Workloads;

/// <summary>The lists in use: a few at a time, each replaced by a new one after so many appends, so that lists stay short.</summary>
internal sealed class ListKeys(string prefix, int active = 5, int appendsMax = 40)
{
    private readonly Lock _lock = new();
    private readonly int[] _appends = new int[active];
    private readonly int[] _generation = new int[active];
    private readonly HashSet<string> _all = [];
    private long _value;

    /// <summary>Every key that was handed out.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _all];
            }
        }
    }

    public string Read(Random random)
    {
        lock (_lock)
        {
            return Key(random.Next(active));
        }
    }

    public (string Key, long Value) Append(Random random)
    {
        lock (_lock)
        {
            var slot = random.Next(active);
            if (++_appends[slot] > appendsMax)
            {
                _appends[slot] = 1;
                _generation[slot]++;
            }

            return (Key(slot), ++_value);
        }
    }

    private string Key(int slot)
    {
        var key = $"{prefix}-{slot}-{_generation[slot]}";
        _all.Add(key);
        return key;
    }
}
