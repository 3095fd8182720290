using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A test that needs client programs; without them it is skipped, unless REQUIRE_CLIENTS=1 says that they must be there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    public ClientFactAttribute(params string[] programs)
    {
        var missing = programs.Where(p => CommandLine.Find(p) is null).ToArray();
        if (missing.Length > 0 && Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") != "1")
        {
            Skip = $"Not installed: {string.Join(", ", missing)}.";
        }
    }
}
