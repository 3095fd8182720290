namespace Rqlite.Pg.Types.Values;

internal enum PlanKind : byte
{
    /// <summary>A part of which nothing but its extent matters.</summary>
    Plain,
    Sequence,
    Choice,
    Group,
    Repetition,
    Reference,
}

/// <summary>
/// How the parts of a match are found once its extent is known: PostgreSQL's way. The extent is the longest or the shortest match, as the expression's
/// first quantifier prefers; within it each part in turn takes as much, or as little, as it prefers, as long as the rest still matches.
/// </summary>
internal sealed class RegularPlan(PlanKind kind, RegularNode node, RegularTraits traits)
{
    public PlanKind Kind { get; } = kind;

    public RegularNode Node { get; } = node;

    public RegularTraits Traits { get; } = traits;

    public IReadOnlyList<RegularPlan> Parts { get; private init; } = [];

    /// <summary>The number of a group or of a reference's group.</summary>
    public int Number { get; private init; }

    public int Min { get; private init; }

    /// <summary>-1 for no limit.</summary>
    public int Max { get; private init; }

    public bool PrefersShortest => (Traits & RegularTraits.Shortest) != 0;

    /// <summary>The groups within, which are forgotten when a match is tried anew.</summary>
    public IReadOnlyList<int> Groups { get; private set; } = [];

    /// <summary>The machine of the whole part; made when it is first needed.</summary>
    public RegularDfa? Machine { get; set; }

    /// <summary>The machines of the parts from a number on.</summary>
    public RegularDfa?[] Rests { get; private set; } = [];

    public static RegularPlan Of(RegularNode node)
    {
        switch (node)
        {
            case ChoiceNode choice:
                return OfChoice(choice);
            case SequenceNode sequence:
                return OfBranch(sequence.Parts);
            default:
                return OfBranch([node]);
        }
    }

    /// <summary>The preference of the first of two that has one, and the other traits of both.</summary>
    private static RegularTraits Combine(RegularTraits first, RegularTraits second) => Inherit(first | second)
        | ((first & RegularTraits.Preference) != 0 ? first : second) & RegularTraits.Preference;

    /// <summary>The traits that a part hands to the whole.</summary>
    private static RegularTraits Inherit(RegularTraits traits) => (traits & ~RegularTraits.Preference)
        | ((traits & RegularTraits.Preference) == RegularTraits.Preference ? RegularTraits.Mixed : RegularTraits.None);

    private static bool IsStructured(RegularTraits traits) => (traits & RegularTraits.Structured) != 0;

    private static RegularPlan Plain(RegularNode node, RegularTraits traits) => new(PlanKind.Plain, node, traits);

    private static RegularPlan OfChoice(ChoiceNode choice)
    {
        // A choice prefers the longest match, whatever its branches do.
        var parts = choice.Branches.Select(Of).ToList();
        var traits = parts.Aggregate(RegularTraits.Longest, (sum, part) => sum | Inherit(sum | part.Traits));
        return IsStructured(traits) ? new RegularPlan(PlanKind.Choice, choice, traits) { Parts = parts }.WithGroups() : Plain(choice, traits);
    }

    private static RegularPlan OfBranch(IReadOnlyList<RegularNode> parts)
    {
        // Runs of simple atoms with one preference are one part; each other atom is a part of its own.
        var plans = new List<RegularPlan>();
        var run = new List<RegularNode>();
        var traits = RegularTraits.None;
        foreach (var node in parts)
        {
            if (node is not QuantifiedNode part)
            {
                run.Add(node);
                continue;
            }

            if (part.Max == 0)
            {
                continue;
            }

            var atom = part.Atom is GroupNode group ? OfGroup(group) : null;
            var capturing = part.Atom is GroupNode { Number: > 0 };
            var together = traits | part.Preference | (atom?.Traits ?? RegularTraits.None);
            if (!capturing && part.Atom is not ReferenceNode && !IsStructured(Inherit(together)))
            {
                run.Add(node);
                traits = together;
                continue;
            }

            AddRun(plans, run, traits);
            (run, traits) = ([], RegularTraits.None);
            plans.Add(Quantify(part, atom));
        }

        AddRun(plans, run, traits);
        if (plans.Count < 2)
        {
            return plans.Count == 0 ? Plain(EmptyNode.Instance, RegularTraits.None) : plans[0];
        }

        // As if the parts were taken together from the right, two at a time.
        var whole = plans[^1].Traits;
        for (var i = plans.Count - 2; i >= 0; i--)
        {
            whole = plans[i].Traits | Combine(plans[i].Traits, whole);
        }

        return new RegularPlan(PlanKind.Sequence, new SequenceNode(parts), whole)
        {
            Parts = plans,
            Rests = new RegularDfa?[plans.Count],
        }.WithGroups();
    }

    private static void AddRun(List<RegularPlan> plans, List<RegularNode> run, RegularTraits traits)
    {
        if (run.Count > 0)
        {
            plans.Add(Plain(run.Count == 1 ? run[0] : new SequenceNode(run), traits));
        }
    }

    private static RegularPlan OfGroup(GroupNode group)
    {
        var content = Of(group.Node);
        return group.Number == 0
            ? content
            : new RegularPlan(PlanKind.Group, group, content.Traits | RegularTraits.Captures) { Parts = [content], Number = group.Number }.WithGroups();
    }

    private static RegularPlan Quantify(QuantifiedNode node, RegularPlan? atom)
    {
        if (node.Atom is ReferenceNode reference)
        {
            return new RegularPlan(PlanKind.Reference, node, RegularTraits.References | Combine(node.Preference, RegularTraits.References))
            {
                Number = reference.Number,
                Min = node.Min,
                Max = node.Max,
            };
        }

        atom ??= Plain(node.Atom, RegularTraits.None);
        var preference = atom.Traits & (RegularTraits.Preference | RegularTraits.Mixed);
        if (node.IsOnce && (node.Preference == RegularTraits.None || preference == RegularTraits.None || preference == node.Preference))
        {
            return atom;
        }

        var traits = Combine(node.Preference, atom.Traits);
        if ((atom.Traits & (RegularTraits.Captures | RegularTraits.References)) == 0)
        {
            return Plain(node, traits);
        }

        if (node.Min > 0 && (atom.Traits & RegularTraits.References) == 0)
        {
            // Groups hold the text of the last round, so the rounds before are one plain part.
            var before = new QuantifiedNode(node.Atom, node.Min - 1, node.Max < 0 ? -1 : node.Max - 1, node.Preference);
            return new RegularPlan(PlanKind.Sequence, node, traits)
            {
                Parts = [Plain(before, traits & RegularTraits.Preference), atom],
                Rests = new RegularDfa?[2],
            }.WithGroups();
        }

        return new RegularPlan(PlanKind.Repetition, node, traits) { Parts = [atom], Min = node.Min, Max = node.Max }.WithGroups();
    }

    private RegularPlan WithGroups()
    {
        Groups = [.. Parts.SelectMany(part => part.Groups), .. Kind == PlanKind.Group ? [Number] : Array.Empty<int>()];
        return this;
    }
}
