namespace Rqlite.Pg.Types.Values;

/// <summary>A regular expression as a tree.</summary>
internal abstract record RegularNode;

/// <summary>Nothing: the empty text.</summary>
internal sealed record EmptyNode : RegularNode
{
    public static EmptyNode Instance { get; } = new();
}

internal sealed record CharacterNode(CharacterSet Set) : RegularNode;

internal enum RegularAnchor : byte
{
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordStart,
    WordEnd,
    WordEdge,
    NoWordEdge,
}

internal sealed record AnchorNode(RegularAnchor Anchor) : RegularNode;

/// <summary>A condition on what follows or precedes.</summary>
internal sealed record LookNode(RegularNode Node, bool Ahead, bool Negative) : RegularNode;

/// <param name="Number">The number of a capturing group, 0 for one that does not capture.</param>
internal sealed record GroupNode(RegularNode Node, int Number) : RegularNode;

/// <param name="Target">The group's content, which the text of the reference has to match as well.</param>
internal sealed record ReferenceNode(int Number, RegularNode Target) : RegularNode;

/// <summary>An atom with its quantifier.</summary>
/// <param name="Max">-1 for no limit.</param>
/// <param name="Preference">Whether it prefers the longest or the shortest match, or leaves that to the atom.</param>
internal sealed record QuantifiedNode(RegularNode Atom, int Min, int Max, RegularTraits Preference) : RegularNode
{
    public bool IsOnce => Min == 1 && Max == 1;
}

internal sealed record SequenceNode(IReadOnlyList<RegularNode> Parts) : RegularNode;

internal sealed record ChoiceNode(IReadOnlyList<RegularNode> Branches) : RegularNode;

/// <summary>What matters for finding the parts of a match.</summary>
[Flags]
internal enum RegularTraits : byte
{
    None = 0,
    Longest = 1,
    Shortest = 2,
    Preference = Longest | Shortest,

    /// <summary>Parts prefer differently.</summary>
    Mixed = 4,
    Captures = 8,
    References = 16,

    /// <summary>The parts of such an expression have to be found one by one.</summary>
    Structured = Mixed | Captures | References,
}
