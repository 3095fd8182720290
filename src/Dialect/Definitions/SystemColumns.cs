namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>The columns that every table has, whose names its own columns may not have.</summary>
internal static class SystemColumns
{
    private static readonly string[] s_names = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

    public static bool Is(string name) => s_names.Contains(name);
}
