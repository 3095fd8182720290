using System.Reflection;

namespace Rqlite.Pg.Host;

/// <summary>The versions that the node tells about itself.</summary>
internal static class ProductVersion
{
    public static string Text { get; } =
        "v" + (typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0");

    public static string Sqlite => Storage.Database.SqliteVersion;
}
