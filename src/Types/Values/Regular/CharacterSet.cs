namespace Rqlite.Pg.Types.Values;

/// <summary>A set of code points, as ranges in order that neither overlap nor touch.</summary>
internal sealed class CharacterSet
{
    /// <summary>The largest number that a character of a pattern can have; those beyond Unicode match nothing.</summary>
    public const int Last = 0x7FFF_FFFE;

    private List<(int First, int Last)> _ranges = [];

    public static CharacterSet All { get; } = Of(0, Last);

    public IReadOnlyList<(int First, int Last)> Ranges => _ranges;

    public static CharacterSet Of(int first, int last)
    {
        var set = new CharacterSet();
        set.Add(first, last);
        return set;
    }

    public void Add(int first, int last)
    {
        var ranges = new List<(int First, int Last)>(_ranges.Count + 1);
        var at = 0;
        for (; at < _ranges.Count && _ranges[at].Last < first - 1; at++)
        {
            ranges.Add(_ranges[at]);
        }

        for (; at < _ranges.Count && _ranges[at].First <= (long)last + 1; at++)
        {
            (first, last) = (Math.Min(first, _ranges[at].First), Math.Max(last, _ranges[at].Last));
        }

        ranges.Add((first, last));
        ranges.AddRange(_ranges[at..]);
        _ranges = ranges;
    }

    public void Add(CharacterSet other)
    {
        foreach (var (first, last) in other._ranges)
        {
            Add(first, last);
        }
    }

    public CharacterSet Complement()
    {
        var result = new CharacterSet();
        var next = 0;
        foreach (var (first, last) in _ranges)
        {
            if (first > next)
            {
                result._ranges.Add((next, first - 1));
            }

            next = last == Last ? -1 : last + 1;
        }

        if (next >= 0)
        {
            result._ranges.Add((next, Last));
        }

        return result;
    }

    public CharacterSet Without(int character)
    {
        var complement = Complement();
        complement.Add(character, character);
        return complement.Complement();
    }

    /// <summary>The set with the other case of its letters. In C's locale only those of ASCII have one.</summary>
    public CharacterSet IgnoringCase()
    {
        var result = new CharacterSet();
        result.Add(this);
        for (var upper = (int)'A'; upper <= 'Z'; upper++)
        {
            var lower = upper | 0x20;
            if (Contains(upper) || Contains(lower))
            {
                result.Add(upper, upper);
                result.Add(lower, lower);
            }
        }

        return result;
    }

    public bool Contains(int character)
    {
        var (low, high) = (0, _ranges.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (character < _ranges[middle].First)
            {
                high = middle - 1;
            }
            else if (character > _ranges[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
