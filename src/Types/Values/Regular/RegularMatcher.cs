namespace Rqlite.Pg.Types.Values;

/// <summary>Finds a match's extent and its groups.</summary>
internal sealed partial class RegularMatcher
{
    private readonly RegularPlan _root;
    private readonly CharacterMap _map;
    private readonly RegularText _text;
    private readonly bool _ignoreCase;
    private readonly RegularDfa _search;
    private readonly RegularDfa _whole;
    private readonly (int Start, int End)[] _groups;

    // The text itself, for references alone.
    private byte[] _bytes = [];

    public RegularMatcher(RegularPlan root, CharacterMap map, RegularText text, int groups, bool ignoreCase)
    {
        _root = root;
        _map = map;
        _text = text;
        _ignoreCase = ignoreCase;
        _search = new RegularDfa(root.Node, map, text, anywhere: true);
        _whole = MachineOf(root);
        _groups = new (int, int)[groups + 1];
    }

    public bool HasReferences => (_root.Traits & RegularTraits.References) != 0;

    public void Load(ReadOnlySpan<byte> utf8)
    {
        _text.Load(utf8);
        _bytes = HasReferences ? utf8.ToArray() : [];
        _search.Reset();
        Reset(_root);
    }

    /// <summary>True if there is a match at or behind a place.</summary>
    public bool Exists(int start)
    {
        Span<(int, int)> none = [];
        return HasReferences ? Find(start, none) : _search.Shortest(start, start, _text.Length) >= 0;
    }

    /// <summary>Finds the first match at or behind a place.</summary>
    /// <param name="groups">Gets the whole match and as many groups as there is room for; (-1, -1) for a group that took no part.</param>
    public bool Find(int start, Span<(int Start, int End)> groups)
    {
        var close = _search.Shortest(start, start, _text.Length, out var open);
        if (close < 0)
        {
            return false;
        }

        var last = HasReferences ? _text.Length : close;
        for (var begin = open; begin <= last; begin++)
        {
            var end = _root.PrefersShortest ? _whole.Shortest(begin, begin, _text.Length) : _whole.Longest(begin, _text.Length);
            while (end >= 0)
            {
                Array.Fill(_groups, (-1, -1));
                if ((groups.Length <= 1 && !HasReferences) || Dissect(_root, begin, end))
                {
                    _groups[0] = (begin, end);
                    _groups.AsSpan(0, groups.Length).CopyTo(groups);
                    return true;
                }

                // Only a reference can refuse what the machine took.
                end = _root.PrefersShortest
                    ? (end == _text.Length ? -1 : _whole.Shortest(begin, end + 1, _text.Length))
                    : (end == begin ? -1 : _whole.Longest(begin, end - 1));
            }
        }

        return false;
    }

    private static void Reset(RegularPlan plan)
    {
        plan.Machine?.Reset();
        foreach (var rest in plan.Rests)
        {
            rest?.Reset();
        }

        foreach (var part in plan.Parts)
        {
            Reset(part);
        }
    }

    private RegularDfa MachineOf(RegularPlan plan) => plan.Machine ??= new RegularDfa(plan.Node, _map, _text);

    /// <summary>The machine of a sequence's parts from a number on.</summary>
    private RegularDfa RestOf(RegularPlan sequence, int part) => part == sequence.Parts.Count - 1
        ? MachineOf(sequence.Parts[part])
        : sequence.Rests[part] ??= new RegularDfa(new SequenceNode([.. sequence.Parts.Skip(part).Select(p => p.Node)]), _map, _text);

    private bool Dissect(RegularPlan plan, int begin, int end)
    {
        _text.Count(1);
        switch (plan.Kind)
        {
            case PlanKind.Sequence:
                return DissectSequence(plan, begin, end);
            case PlanKind.Choice:
                foreach (var branch in plan.Parts)
                {
                    if (MachineOf(branch).Matches(begin, end) && Dissect(branch, begin, end))
                    {
                        return true;
                    }
                }

                return false;
            case PlanKind.Group:
                if (!Dissect(plan.Parts[0], begin, end))
                {
                    return false;
                }

                _groups[plan.Number] = (begin, end);
                return true;
            case PlanKind.Repetition:
                return plan.Parts[0].PrefersShortest
                    ? new ShortRounds(this, plan, begin, end).Find()
                    : new LongRounds(this, plan, begin, end).Find();
            case PlanKind.Reference:
                return MatchesReference(plan, begin, end);
            default:
                return true;
        }
    }

    private bool DissectSequence(RegularPlan plan, int begin, int end)
    {
        var count = plan.Parts.Count;
        var places = new int[count];
        places[0] = begin;
        var part = 0;
        var place = FirstEnd(plan.Parts[0], begin, end);
        while (true)
        {
            if (part == count - 1)
            {
                if (Dissect(plan.Parts[part], places[part], end))
                {
                    return true;
                }

                place = -1;
            }
            else
            {
                place = FitPart(plan, part, places[part], place, end);
            }

            if (place >= 0)
            {
                places[++part] = place;
                place = part < count - 1 ? FirstEnd(plan.Parts[part], places[part], end) : -1;
            }
            else if (part == 0)
            {
                return false;
            }
            else
            {
                place = places[part--];
                place = NextEnd(plan.Parts[part], places[part], place, end);
            }
        }
    }

    /// <summary>The first end of a part, from <paramref name="place"/> on, behind which the rest matches and whose own parts are found; -1 for none.</summary>
    private int FitPart(RegularPlan plan, int part, int begin, int place, int end)
    {
        for (; place >= 0; place = NextEnd(plan.Parts[part], begin, place, end))
        {
            if (RestOf(plan, part + 1).Matches(place, end))
            {
                // Groups of the parts before keep what they have.
                for (var i = part; i < plan.Parts.Count; i++)
                {
                    Forget(plan.Parts[i]);
                }

                if (Dissect(plan.Parts[part], begin, place))
                {
                    return place;
                }
            }
        }

        return -1;
    }

    private void Forget(RegularPlan plan)
    {
        foreach (var group in plan.Groups)
        {
            _groups[group] = (-1, -1);
        }
    }

    private int FirstEnd(RegularPlan part, int begin, int end) =>
        part.PrefersShortest ? MachineOf(part).Shortest(begin, begin, end) : MachineOf(part).Longest(begin, end);

    private int NextEnd(RegularPlan part, int begin, int place, int end) => part.PrefersShortest
        ? (place == end ? -1 : MachineOf(part).Shortest(begin, place + 1, end))
        : (place == begin ? -1 : MachineOf(part).Longest(begin, place - 1));

    private bool MatchesReference(RegularPlan plan, int begin, int end)
    {
        var (start, stop) = _groups[plan.Number];
        if (start < 0)
        {
            return false;
        }

        if (start == stop)
        {
            return begin == end;
        }

        if (begin == end)
        {
            return plan.Min == 0;
        }

        var (rounds, rest) = Math.DivRem(end - begin, stop - start);
        if (rest != 0 || rounds < plan.Min || (plan.Max >= 0 && rounds > plan.Max))
        {
            return false;
        }

        var wanted = Slice(start, stop);
        for (var at = begin; at < end; at += stop - start)
        {
            var found = Slice(at, at + stop - start);
            if (_ignoreCase ? !EqualsIgnoringCase(wanted, found) : !wanted.SequenceEqual(found))
            {
                return false;
            }
        }

        return true;
    }

    // Only letters of ASCII have cases, so bytes can be compared; System.Text.Ascii has no answer for others.
    private static bool EqualsIgnoringCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i] && !(AsciiText.IsLetter(left[i]) && (left[i] | 0x20) == (right[i] | 0x20)))
            {
                return false;
            }
        }

        return true;
    }

    private ReadOnlySpan<byte> Slice(int start, int end) => _bytes.AsSpan(_text.Offset(start).._text.Offset(end));

    private bool DissectRound(RegularPlan plan, int begin, int end)
    {
        Forget(plan);
        return Dissect(plan, begin, end);
    }
}
