namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The largest distance of a term from this node's own. A term goes up by one with an election, and elections are an election timeout apart: at
/// one in 10 ms, far below any usable timeout, a partition would have to last 497 days to reach the limit; at the default of 1 s, 136 years.
/// Without a limit one message could use up all terms, and there would never be a leader again.
/// </summary>
internal static class TermLimit
{
    public const long StepMax = 1L << 32;

    /// <exception cref="InvalidDataException">No election can have led to the term.</exception>
    public static long Check(long term, long own) => term >= 0 && term - own <= StepMax && term <= long.MaxValue - StepMax
        ? term
        : throw new InvalidDataException($"term {term} cannot be: this node is in term {own}, and no term may be more than {StepMax} ahead");
}
