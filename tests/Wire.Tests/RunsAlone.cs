namespace Rqlite.Pg.Wire.Tests;

/// <summary>Tests that look at the whole process's memory, and so run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class RunsAlone
{
    public const string Name = "runs alone";
}
