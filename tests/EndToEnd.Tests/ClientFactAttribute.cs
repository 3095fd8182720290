using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>A test that needs client programs; without them it is skipped, unless REQUIRE_CLIENTS=1 says that they must be there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClientFactAttribute : FactAttribute
{
    private const string Odbc = "/etc/odbcinst.ini";

    private static readonly string[] s_nodeFolders =
    [
        .. (Environment.GetEnvironmentVariable("NODE_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        "/usr/local/lib/node_modules", "/usr/lib/node_modules", "/usr/share/nodejs",
    ];

    /// <param name="clients">Programs, <c>npm:</c> with the name of a package that node finds, or <c>odbc:</c> with the name of a driver.</param>
    public ClientFactAttribute(params string[] clients)
    {
        var missing = clients.Where(static client => !IsThere(client)).ToArray();
        if (missing.Length > 0 && Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") != "1")
        {
            Skip = $"Not installed: {string.Join(", ", missing)}.";
        }
    }

    /// <summary>The folders in which node looks for packages that are installed for all.</summary>
    public static string NodePath => string.Join(':', s_nodeFolders);

    private static bool IsThere(string client) => client.Split(':') switch
    {
        ["npm", var package] => s_nodeFolders.Any(folder => Directory.Exists(Path.Combine(folder, package))),
        ["odbc", var driver] => File.Exists(Odbc) && File.ReadLines(Odbc).Contains($"[{driver}]"),
        _ => CommandLine.Find(client) is not null,
    };
}
