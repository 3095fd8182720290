namespace Rqlite.Pg.Histories;

/// <summary>Why one transaction comes before another.</summary>
[Flags]
internal enum Dependency
{
    None = 0,

    /// <summary>The other appended after it.</summary>
    WriteWrite = 1,

    /// <summary>The other read what it appended.</summary>
    WriteRead = 2,

    /// <summary>It read the list as it was before the other appended.</summary>
    ReadWrite = 4,

    /// <summary>It ended before the other began.</summary>
    RealTime = 8,
}

/// <param name="Text">The reason, to print.</param>
internal readonly record struct DependencyEdge(int From, int To, Dependency Kind, string Text);

/// <summary>Dependencies that lead back to where they began.</summary>
internal sealed record Cycle(string Name, IReadOnlyList<DependencyEdge> Edges);
