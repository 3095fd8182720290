namespace Rqlite.Pg.Access;

/// <summary>The permissions of the credentials file, under rqlite's names.</summary>
[Flags]
public enum Permissions
{
    None = 0,
    Execute = 1,
    Query = 1 << 1,
    Backup = 1 << 2,
    Load = 1 << 3,
    Snapshot = 1 << 4,
    Status = 1 << 5,
    Ready = 1 << 6,

    /// <summary>Add a voter to the cluster.</summary>
    Join = 1 << 7,

    /// <summary>Add a read replica to the cluster.</summary>
    JoinReadOnly = 1 << 8,

    /// <summary>Take a member out of the cluster.</summary>
    Remove = 1 << 9,
    LeaderOps = 1 << 10,

    /// <summary>The console.</summary>
    Ui = 1 << 11,

    /// <summary>Everything, and the business of other users' sessions.</summary>
    All = 1 << 12,
}

internal static class PermissionNames
{
    private static readonly Dictionary<string, Permissions> s_names = new(StringComparer.Ordinal)
    {
        ["all"] = Permissions.All,
        ["execute"] = Permissions.Execute,
        ["query"] = Permissions.Query,
        ["backup"] = Permissions.Backup,
        ["load"] = Permissions.Load,
        ["snapshot"] = Permissions.Snapshot,
        ["status"] = Permissions.Status,
        ["ready"] = Permissions.Ready,
        ["join"] = Permissions.Join,
        ["join-read-only"] = Permissions.JoinReadOnly,
        ["join-read-replica"] = Permissions.JoinReadOnly,
        ["remove"] = Permissions.Remove,
        ["leader-ops"] = Permissions.LeaderOps,
        ["ui"] = Permissions.Ui,
    };

    public static bool TryParse(string name, out Permissions permission) => s_names.TryGetValue(name, out permission);

    /// <summary>True if everything that is required is held.</summary>
    public static bool Hold(Permissions held, Permissions required) =>
        (held & Permissions.All) != 0 || (held & required) == required;
}
