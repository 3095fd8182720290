using System.Text;

namespace Rqlite.Pg.Histories;

/// <summary>The search over the orders of one register's operations. Not reusable.</summary>
internal sealed class RegisterSearch
{
    private readonly List<Operation> _operations;
    private readonly long _stepsMax;
    private readonly int _visitedMax;
    private readonly long? _initial;
    private readonly UInt128[] _marks;
    private readonly HashSet<UInt128> _visited = [];

    // The events that are not yet taken out, as a doubly linked list by time: event 2i is the call of operation i, 2i+1 its return.
    // The head is its own index behind all events.
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int _head;
    private int _mostTaken = -1;
    private int _stuckAt = -1;
    private List<int> _takenWhenStuck = [];

    public RegisterSearch(List<Operation> operations, long? initial, long stepsMax, int visitedMax)
    {
        _operations = operations;
        _initial = initial;
        _stepsMax = stepsMax;
        _visitedMax = visitedMax;
        _head = operations.Count * 2;
        _next = new int[_head + 1];
        _previous = new int[_head + 1];
        var random = new Random(operations.Count);
        _marks = [.. operations.Select(_ => new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()))];
        LinkEvents();
    }

    public long Steps { get; private set; }

    /// <summary>True if an order was found, false if there is none, null if the budget ended first.</summary>
    public bool? Run()
    {
        var toReturn = _operations.Count(o => o.Outcome == Outcome.Ok);
        var taken = new Stack<(int Operation, long? StateBefore, UInt128 MarkBefore)>();
        var state = _initial;
        var mark = UInt128.Zero;
        var at = _next[_head];
        while (toReturn > 0)
        {
            if (++Steps > _stepsMax || _visited.Count > _visitedMax)
            {
                return null;
            }

            if (at != _head && (at & 1) == 0)
            {
                var index = at / 2;
                if (TryStep(_operations[index], state, out var after) && _visited.Add(mark ^ _marks[index] ^ Spread(after)))
                {
                    taken.Push((index, state, mark));
                    (state, mark) = (after, mark ^ _marks[index]);
                    toReturn -= _operations[index].Outcome == Outcome.Ok ? 1 : 0;
                    TakeOut(index);
                    at = _next[_head];
                }
                else
                {
                    at = _next[at];
                }

                continue;
            }

            // A return was reached whose operation is not in the order yet: some earlier choice was wrong.
            NoteStuck(at, taken);
            if (!taken.TryPop(out var last))
            {
                return false;
            }

            PutBack(last.Operation);
            toReturn += _operations[last.Operation].Outcome == Outcome.Ok ? 1 : 0;
            (state, mark) = (last.StateBefore, last.MarkBefore);
            at = _next[2 * last.Operation];
        }

        return true;
    }

    /// <summary>The operation whose answer could not be explained, and those around it.</summary>
    public string Stuck()
    {
        var text = new StringBuilder();
        var victim = _stuckAt >= 0 && _stuckAt < _head ? _operations[_stuckAt / 2] : null;
        text.Append(victim is null ? " the end" : $"\n  > {victim}");
        text.Append("\n  after, in this order:");
        foreach (var index in _takenWhenStuck.TakeLast(8))
        {
            text.Append("\n    ").Append(_operations[index]);
        }

        text.Append("\n  while these were open:");
        var open = _operations.Where((o, i) => victim is not null && o != victim && o.Invoked <= victim.Returned && !_takenWhenStuck.Contains(i));
        foreach (var operation in open.Take(12))
        {
            text.Append("\n    ").Append(operation);
        }

        return text.ToString();
    }

    private static bool TryStep(Operation operation, long? state, out long? after)
    {
        after = state;
        switch (operation.Kind)
        {
            case OperationKind.Read:
                return operation.Value == state;
            case OperationKind.Write:
                after = operation.Value;
                return true;
            default:
                var matches = operation.Expected == state;
                after = matches ? operation.Value : state;
                // An unknown one that does not match has no effect: leaving it out of the order says the same.
                return operation.Outcome == Outcome.Unknown ? matches : operation.Swapped == matches;
        }
    }

    private static UInt128 Spread(long? state)
    {
        var x = state is { } value ? (ulong)value + 0x9E3779B97F4A7C15 : 0x1234567;
        ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        return new UInt128(Mix(x), Mix(x ^ 0xD1B54A32D192ED03));
    }

    private void LinkEvents()
    {
        var events = new List<(long Time, int Order, int Event)>(_head);
        for (var i = 0; i < _operations.Count; i++)
        {
            events.Add((_operations[i].Invoked, 0, 2 * i));
            if (_operations[i].Outcome == Outcome.Ok)
            {
                // At equal times calls come first: operations that touch may have overlapped.
                events.Add((_operations[i].Returned, 1, (2 * i) + 1));
            }
        }

        events.Sort();
        var last = _head;
        foreach (var (_, _, current) in events)
        {
            _next[last] = current;
            _previous[current] = last;
            last = current;
        }

        _next[last] = _head;
        _previous[_head] = last;
    }

    private void TakeOut(int index)
    {
        Unlink(2 * index);
        if (_operations[index].Outcome == Outcome.Ok)
        {
            Unlink((2 * index) + 1);
        }
    }

    private void PutBack(int index)
    {
        if (_operations[index].Outcome == Outcome.Ok)
        {
            Relink((2 * index) + 1);
        }

        Relink(2 * index);
    }

    private void Unlink(int item)
    {
        _next[_previous[item]] = _next[item];
        _previous[_next[item]] = _previous[item];
    }

    private void Relink(int item)
    {
        _next[_previous[item]] = item;
        _previous[_next[item]] = item;
    }

    private void NoteStuck(int at, Stack<(int Operation, long? StateBefore, UInt128 MarkBefore)> taken)
    {
        if (taken.Count > _mostTaken)
        {
            _mostTaken = taken.Count;
            _stuckAt = at;
            _takenWhenStuck = [.. taken.Reverse().Select(t => t.Operation)];
        }
    }
}
