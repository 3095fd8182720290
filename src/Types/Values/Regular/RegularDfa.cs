using System.Runtime.CompilerServices;

namespace Rqlite.Pg.Types.Values;

/// <summary>
/// Runs an expression over a text with one step a character. A state stands for all states of the NFA that the machine may be in; it is made when it
/// is first reached, and only so many are kept. Anchors look at both neighbours of a place, so states are told apart by the character before.
/// </summary>
internal sealed class RegularDfa
{
    private const int TransitionsMax = 1 << 15;
    private const int Neighbours = 4;

    private readonly RegularNfa _nfa;
    private readonly CharacterMap _map;
    private readonly RegularText _text;
    private readonly RegularDfa[] _looks;
    private readonly int _statesMax;
    private readonly Dictionary<int[], State>[] _states;
    private readonly int[] _marks;
    private readonly Stack<int> _open = new();
    private readonly List<int> _found = [];
    private int _mark;

    // For conditions that look behind: how far the text has been read, from its beginning.
    private State? _readState;
    private int _readTo;

    public RegularDfa(RegularNode node, CharacterMap map, RegularText text, bool anywhere = false)
    {
        _map = map;
        _text = text;
        _nfa = new RegularNfa(node, map, anywhere);
        _marks = new int[_nfa.Count];
        _statesMax = Math.Max(16, TransitionsMax / map.Count);
        _states = [.. Enumerable.Range(0, Neighbours).Select(_ => new Dictionary<int[], State>(SetEquality.Instance))];
        _looks = [.. _nfa.Looks.Select(look => new RegularDfa(look.Node, map, text, anywhere: !look.Ahead))];
    }

    /// <summary>The end of the longest match that begins at a place and ends at most at <paramref name="limit"/>; -1 for none.</summary>
    public int Longest(int begin, int limit)
    {
        var state = StartState(begin);
        var last = -1;
        var at = begin;
        for (; at <= limit; at++)
        {
            ref var way = ref Way(state, at);
            last = way.Accepts ? at : last;
            if (way.Target is not { } target || target.IsDead)
            {
                break;
            }

            state = target;
        }

        _text.Count(at - begin + 1);
        return last;
    }

    /// <summary>The end of the shortest match that begins at a place and ends between two others; -1 for none.</summary>
    public int Shortest(int begin, int min, int limit) => Shortest(begin, min, limit, out _);

    /// <param name="fresh">The last place at which the machine was as at the beginning: no match begins before it.</param>
    public int Shortest(int begin, int min, int limit, out int fresh)
    {
        var state = StartState(begin);
        fresh = begin;
        var at = begin;
        for (; at <= limit; at++)
        {
            fresh = state.Set is [var only] && only == _nfa.Start ? at : fresh;
            ref var way = ref Way(state, at);
            if (way.Accepts && at >= min)
            {
                _text.Count(at - begin + 1);
                return at;
            }

            if (way.Target is not { } target || target.IsDead)
            {
                break;
            }

            state = target;
        }

        _text.Count(at - begin + 1);
        return -1;
    }

    public bool Matches(int begin, int end) => Longest(begin, end) == end;

    /// <summary>Forgets the text that was read.</summary>
    public void Reset()
    {
        _readState = null;
        foreach (var look in _looks)
        {
            look.Reset();
        }
    }

    /// <summary>True if a match that begins anywhere ends at a place. Places that go up are found without reading the text again.</summary>
    private bool EndsAt(int place)
    {
        if (_readState is null || place < _readTo)
        {
            (_readState, _readTo) = (StartState(0), 0);
        }

        _text.Count(place - _readTo + 1);
        for (; _readTo < place; _readTo++)
        {
            _readState = Way(_readState, _readTo).Target!;
        }

        return Way(_readState, place).Accepts;
    }

    private State StartState(int begin) => StateOf([_nfa.Start], _text.Before(begin));

    private State StateOf(int[] set, Neighbour before)
    {
        // Without anchors all neighbours are the same.
        var states = _states[_nfa.HasAnchors ? (int)before : 0];
        if (!states.TryGetValue(set, out var state))
        {
            if (states.Count >= _statesMax)
            {
                states.Clear();
            }

            state = new State(set, before, _map.Count + 1);
            states.Add(set, state);
        }

        return state;
    }

    /// <summary>What a state does at a place: whether it accepts before the character there, and where the character leads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Transition Way(State state, int at)
    {
        // The last class stands for the end of the text.
        var characterClass = at < _text.Length ? _text[at] : _map.Count;
        ref var way = ref state.Ways[characterClass];
        if (!way.IsKnown)
        {
            Fill(ref way, state, characterClass, at);
        }

        return ref way;
    }

    private void Fill(ref Transition way, State state, int characterClass, int at)
    {
        var after = characterClass == _map.Count ? Neighbour.Nothing : _map.NeighbourOf(characterClass);
        way.Accepts = Close(state, after, at);

        // A condition holds at some places and not at others, so that nothing can be kept.
        way.IsKnown = _looks.Length == 0;
        if (after == Neighbour.Nothing)
        {
            way.Target = null;
            return;
        }

        // The states behind the character, each once.
        _mark++;
        var count = 0;
        for (var i = 0; i < _found.Count; i++)
        {
            var nfa = _nfa[_found[i]];
            if (_nfa.MembersOf(nfa.Detail)[characterClass] && _marks[nfa.Next] != _mark)
            {
                _marks[nfa.Next] = _mark;
                _found[count++] = nfa.Next;
            }
        }

        var set = _found.GetRange(0, count).ToArray();
        Array.Sort(set);
        way.Target = StateOf(set, after);
    }

    /// <summary>Follows the ways that need no character; leaves the states that take one in <see cref="_found"/>.</summary>
    /// <returns>True if the end of the expression is reached.</returns>
    private bool Close(State state, Neighbour after, int at)
    {
        var accepts = false;
        _found.Clear();
        _mark++;
        foreach (var start in state.Set)
        {
            Push(start);
        }

        var seen = 0;
        while (_open.TryPop(out var index))
        {
            seen++;
            var nfa = _nfa[index];
            switch (nfa.Kind)
            {
                case NfaKind.Accept:
                    accepts = true;
                    break;
                case NfaKind.Character:
                    _found.Add(index);
                    break;
                case NfaKind.Split:
                    Push(nfa.Detail);
                    Push(nfa.Next);
                    break;
                case NfaKind.Anchor when Holds((RegularAnchor)nfa.Detail, state.Before, after):
                case NfaKind.Look when Holds(nfa.Detail, at):
                    Push(nfa.Next);
                    break;
            }
        }

        _text.Count(seen);
        return accepts;
    }

    private void Push(int index)
    {
        if (_marks[index] != _mark)
        {
            _marks[index] = _mark;
            _open.Push(index);
        }
    }

    private static bool Holds(RegularAnchor anchor, Neighbour before, Neighbour after)
    {
        var (wordBefore, wordAfter) = (before == Neighbour.Word, after == Neighbour.Word);
        return anchor switch
        {
            RegularAnchor.TextStart => before == Neighbour.Nothing,
            RegularAnchor.TextEnd => after == Neighbour.Nothing,
            RegularAnchor.LineStart => before is Neighbour.Nothing or Neighbour.Newline,
            RegularAnchor.LineEnd => after is Neighbour.Nothing or Neighbour.Newline,
            RegularAnchor.WordStart => !wordBefore && wordAfter,
            RegularAnchor.WordEnd => wordBefore && !wordAfter,
            RegularAnchor.WordEdge => wordBefore != wordAfter,
            _ => wordBefore == wordAfter,
        };
    }

    private bool Holds(int look, int at)
    {
        var node = _nfa.Looks[look];
        var found = node.Ahead ? _looks[look].Shortest(at, at, _text.Length) >= 0 : _looks[look].EndsAt(at);
        return found != node.Negative;
    }

    private struct Transition
    {
        public State? Target;
        public bool IsKnown;
        public bool Accepts;
    }

    private sealed class State(int[] set, Neighbour before, int ways)
    {
        public int[] Set { get; } = set;

        public Neighbour Before { get; } = before;

        public Transition[] Ways { get; } = new Transition[ways];

        public bool IsDead => Set.Length == 0;
    }

    private sealed class SetEquality : IEqualityComparer<int[]>
    {
        public static SetEquality Instance { get; } = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] set)
        {
            var hash = 17;
            foreach (var state in set)
            {
                hash = unchecked((hash * 31) + state);
            }

            return hash;
        }
    }
}
