namespace Rqlite.Pg.Types.Values;

/// <summary>What stands beside a place in a text, as far as anchors ask.</summary>
internal enum Neighbour : byte
{
    /// <summary>The beginning or the end of the text.</summary>
    Nothing,
    Newline,
    Word,
    Other,
}

/// <summary>
/// Characters in classes that no part of an expression tells apart, so that a machine's state needs one way out a class instead of one a
/// character.
/// </summary>
internal sealed class CharacterMap
{
    private const int DirectEnd = 256;

    private readonly int[] _starts;
    private readonly ushort[] _classes;
    private readonly ushort[] _direct = new ushort[DirectEnd];
    private readonly bool[][] _members;
    private readonly Neighbour[] _neighbours;
    private readonly Dictionary<CharacterSet, int> _sets;

    public CharacterMap(IEnumerable<CharacterSet> sets)
    {
        _sets = [];
        foreach (var set in sets)
        {
            _sets.TryAdd(set, _sets.Count);
        }

        // Words and newlines are told apart for the anchors.
        CharacterSet[] all = [.. _sets.Keys, CharacterClasses.Word, CharacterSet.Of('\n', '\n')];
        _starts = FindStarts(all);
        _classes = new ushort[_starts.Length];
        var known = new Dictionary<string, ushort>(StringComparer.Ordinal);
        var samples = new List<int>();
        var signature = new char[all.Length];
        for (var i = 0; i < _starts.Length; i++)
        {
            for (var j = 0; j < all.Length; j++)
            {
                signature[j] = all[j].Contains(_starts[i]) ? '1' : '0';
            }

            if (!known.TryGetValue(new string(signature), out _classes[i]))
            {
                _classes[i] = known.Count < ushort.MaxValue ? (ushort)known.Count : throw RegularErrors.TooComplex();
                known.Add(new string(signature), _classes[i]);
                samples.Add(_starts[i]);
            }
        }

        Count = samples.Count;
        for (var c = 0; c < DirectEnd; c++)
        {
            _direct[c] = Search(c);
        }

        _members = [.. _sets.Keys.Select(set => samples.Select(set.Contains).ToArray())];
        _neighbours = [.. samples.Select(c => c == '\n' ? Neighbour.Newline : CharacterClasses.Word.Contains(c) ? Neighbour.Word : Neighbour.Other)];
    }

    /// <summary>The number of classes.</summary>
    public int Count { get; }

    public ushort ClassOf(int character) => character < DirectEnd ? _direct[character] : Search(character);

    public Neighbour NeighbourOf(int characterClass) => _neighbours[characterClass];

    /// <summary>For each class whether it lies in a set.</summary>
    public bool[] MembersOf(CharacterSet set) => _members[_sets[set]];

    private static int[] FindStarts(CharacterSet[] sets)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (var (first, last) in sets.SelectMany(set => set.Ranges))
        {
            starts.Add(first);
            if (last < CharacterSet.Last)
            {
                starts.Add(last + 1);
            }
        }

        return [.. starts];
    }

    private ushort Search(int character)
    {
        var at = Array.BinarySearch(_starts, character);
        return _classes[at >= 0 ? at : ~at - 1];
    }
}
