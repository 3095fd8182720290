namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A test that takes minutes; it runs only if LONG_TESTS=1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFactAttribute : FactAttribute
{
    public LongFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("LONG_TESTS") != "1")
        {
            Skip = "Runs with LONG_TESTS=1.";
        }
    }
}
