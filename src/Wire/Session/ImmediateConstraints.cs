namespace Rqlite.Pg.Wire.Session;

/// <summary>Which of the constraints that are initially deferred are checked behind each statement: all of them but some, or some alone.</summary>
/// <param name="Others">The OIDs of constraints for which the opposite of <paramref name="All"/> holds.</param>
internal sealed record ImmediateConstraints(bool All, IReadOnlyCollection<uint> Others)
{
    public static ImmediateConstraints None { get; } = new(false, []);

    public static ImmediateConstraints Every { get; } = new(true, []);

    public bool IsNone => !All && Others.Count == 0;

    public bool Has(uint constraint) => Others.Contains(constraint) != All;

    public ImmediateConstraints With(IEnumerable<uint> constraints, bool immediate) => this with
    {
        Others = immediate == All ? [.. Others.Except(constraints)] : [.. Others.Union(constraints)],
    };
}
