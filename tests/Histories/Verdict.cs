namespace Rqlite.Pg.Histories;

public enum VerdictKind
{
    Valid,
    Violation,

    /// <summary>The checker ran out of its budget; a run that ends so has not passed.</summary>
    Undecided,
}

/// <summary>A checker's answer; only <see cref="VerdictKind.Valid"/> counts as passed.</summary>
public sealed record Verdict(VerdictKind Kind, string Explanation)
{
    public static Verdict Valid { get; } = new(VerdictKind.Valid, "valid");

    public bool Passed => Kind == VerdictKind.Valid;

    public static Verdict Violation(string explanation) => new(VerdictKind.Violation, explanation);

    public static Verdict Undecided(string explanation) => new(VerdictKind.Undecided, explanation);
}
