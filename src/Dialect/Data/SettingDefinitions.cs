namespace Rqlite.Pg.Dialect.Data;

/// <summary>The settings of PostgreSQL 15 as pg_settings describes them.</summary>
internal static class SettingDefinitions
{
    private static readonly Lazy<SettingDefinition[]> s_all = new(() =>
    [
        .. TableFile.Read("pg-settings.tsv").Select(f => new SettingDefinition(f[0], OrNull(f[1]), f[2], f[3], f[4], OrNull(f[5]), OrNull(f[6]), f[8] == "\\N" ? null : f[8])
        {
            Values = f[7].Length == 0 ? null : [.. f[7].Trim('{', '}').Split(',').Select(value => value.Trim('"'))],
        }),
    ]);

    public static IReadOnlyList<SettingDefinition> All => s_all.Value;

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}

/// <param name="Context">From when on a change counts: user, superuser, sighup, postmaster, backend, internal …</param>
/// <param name="Type">bool, integer, real, string or enum.</param>
/// <param name="Default">In the setting's unit; null for none.</param>
internal sealed record SettingDefinition(
    string Name, string? Unit, string Category, string Context, string Type, string? Min, string? Max, string? Default)
{
    /// <summary>The values of an enum; null for the other types.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}
