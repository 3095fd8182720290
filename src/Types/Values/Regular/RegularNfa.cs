namespace Rqlite.Pg.Types.Values;

internal enum NfaKind : byte
{
    Accept,
    Character,

    /// <summary>Two ways on, without a character.</summary>
    Split,
    Anchor,
    Look,
}

/// <param name="Next">The state behind; for a split one of the two.</param>
/// <param name="Detail">A character set's, anchor's or condition's number; the other way of a split.</param>
internal readonly record struct NfaState(NfaKind Kind, int Next, int Detail);

/// <summary>The states of an expression, without its groups: a machine that may be in several at once.</summary>
internal sealed class RegularNfa
{
    // Bounds within bounds multiply states.
    private const int StatesMax = 100_000;

    private readonly List<NfaState> _states = [new(NfaKind.Accept, 0, 0)];
    private readonly List<bool[]> _sets = [];
    private readonly List<LookNode> _looks = [];
    private readonly CharacterMap _map;

    /// <param name="anywhere">The match may begin at any place behind the start.</param>
    public RegularNfa(RegularNode node, CharacterMap map, bool anywhere = false)
    {
        _map = map;
        Start = Build(node, 0);
        if (anywhere)
        {
            var loop = Add(NfaKind.Split, Start, 0);
            var any = Add(NfaKind.Character, loop, AddSet(null));
            _states[loop] = new NfaState(NfaKind.Split, Start, any);
            Start = loop;
        }
    }

    public int Start { get; }

    public bool HasAnchors { get; private set; }

    public IReadOnlyList<LookNode> Looks => _looks;

    public int Count => _states.Count;

    public NfaState this[int state] => _states[state];

    /// <summary>For each class of characters whether a state takes it.</summary>
    public bool[] MembersOf(int set) => _sets[set];

    private int Add(NfaKind kind, int next, int detail)
    {
        if (_states.Count == StatesMax)
        {
            throw RegularErrors.TooComplex();
        }

        _states.Add(new NfaState(kind, next, detail));
        return _states.Count - 1;
    }

    private int AddSet(CharacterSet? set)
    {
        var members = set is null ? [.. Enumerable.Repeat(true, _map.Count)] : _map.MembersOf(set);
        var at = _sets.IndexOf(members);
        if (at < 0)
        {
            at = _sets.Count;
            _sets.Add(members);
        }

        return at;
    }

    /// <summary>Adds the states of a node, from which the way goes on to <paramref name="next"/>.</summary>
    /// <returns>The first of them.</returns>
    private int Build(RegularNode node, int next)
    {
        switch (node)
        {
            case CharacterNode character:
                return Add(NfaKind.Character, next, AddSet(character.Set));
            case AnchorNode anchor:
                HasAnchors = true;
                return Add(NfaKind.Anchor, next, (int)anchor.Anchor);
            case LookNode look:
                _looks.Add(look);
                return Add(NfaKind.Look, next, _looks.Count - 1);
            case GroupNode group:
                return Build(group.Node, next);
            case ReferenceNode reference:
                return Build(reference.Target, next);
            case SequenceNode sequence:
                for (var i = sequence.Parts.Count - 1; i >= 0; i--)
                {
                    next = Build(sequence.Parts[i], next);
                }

                return next;
            case ChoiceNode choice:
                var start = Build(choice.Branches[^1], next);
                for (var i = choice.Branches.Count - 2; i >= 0; i--)
                {
                    start = Add(NfaKind.Split, Build(choice.Branches[i], next), start);
                }

                return start;
            case QuantifiedNode quantified:
                return BuildQuantified(quantified, next);
            default:
                return next;
        }
    }

    private int BuildQuantified(QuantifiedNode node, int next)
    {
        if (node.Max < 0)
        {
            var loop = Add(NfaKind.Split, 0, next);
            _states[loop] = new NfaState(NfaKind.Split, Build(node.Atom, loop), next);
            next = loop;
        }
        else
        {
            var end = next;
            for (var i = node.Min; i < node.Max; i++)
            {
                next = Add(NfaKind.Split, Build(node.Atom, next), end);
            }
        }

        for (var i = 0; i < node.Min; i++)
        {
            next = Build(node.Atom, next);
        }

        return next;
    }
}
