using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The privileges of the session's role: those of its user in the server's credentials file, which the session tells as a setting.</summary>
internal static class SessionPrivileges
{
    /// <summary>The read-only setting: <c>all</c>, or names of permissions with commas between them.</summary>
    public const string Setting = "rqlite.permissions";

    private const string Everything = "all";

    /// <summary>The role is a superuser.</summary>
    public static bool IsSuperuser(CallerSession? caller) => Held(caller) == Everything;

    /// <summary>Whether the role has a privilege on what is there.</summary>
    public static bool Has(CallerSession? caller, string privilege)
    {
        var held = Held(caller);
        return held == Everything || privilege switch
        {
            "SELECT" => held.Split(',').Contains("query"),
            "USAGE" or "CONNECT" or "EXECUTE" => true,
            _ => held.Split(',').Contains("execute"),
        };
    }

    private static string Held(CallerSession? caller) =>
        caller?.Settings is { } settings && settings.Values.TryGetValue(Setting, out var held) ? held : Everything;
}
