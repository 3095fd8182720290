using System.Collections.Frozen;
using System.Globalization;
using Rqlite.Pg.Dialect;

namespace Rqlite.Pg.Wire.Session;

internal enum SettingKind
{
    Boolean,
    Integer,
    Real,
    Text,
    Enumerated,
}

/// <summary>A setting that the server knows.</summary>
/// <param name="Context">u: any session; k: when a connection starts; h, p: the server's configuration; n: never.</param>
/// <param name="Default">The default; for numbers with a unit in that unit.</param>
internal sealed record Setting(
    string Name, SettingKind Kind, char Context, string Unit, string Min, string Max, IReadOnlyList<string> Values, string Default)
{
    /// <summary>True for a list, whose members SET writes with commas between.</summary>
    public bool IsList => IsNameList || Name is "DateStyle" or "log_destination" or "wal_consistency_checking" or "restrict_nonsystem_relation_kind";

    /// <summary>True for a list of names, each of which is quoted where it must be.</summary>
    public bool IsNameList => Name is "search_path" or "temp_tablespaces" or "session_preload_libraries" or "local_preload_libraries";

    /// <summary>True for a setting that SHOW ALL leaves out.</summary>
    public bool IsHidden => Name is "is_superuser" or "role" or "seed" or "session_authorization";
}

/// <summary>Every setting by its name; shared by all sessions.</summary>
internal static partial class SettingTable
{
    private static readonly Setting[] Sorted = Rows.Split('\n').Select(Read).ToArray();

    private static readonly FrozenDictionary<string, Setting> ByName =
        Sorted.ToFrozenDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>All settings in the order of SHOW ALL.</summary>
    public static IReadOnlyList<Setting> All => Sorted;

    public static Setting? Find(string name) => ByName.GetValueOrDefault(name);

    public static DialectException Unknown(string name) => new("42704", $"unrecognized configuration parameter \"{name}\"");

    /// <summary>Refuses a value for an unknown name, except one that an extension would have.</summary>
    public static void ThrowIfNotCustom(string name)
    {
        // Our own settings are all known: another name is a slip, which would otherwise go unseen while the default stays in effect.
        if (name.StartsWith("rqlite.", StringComparison.OrdinalIgnoreCase))
        {
            throw InvalidName(name, $"\"{name[..6]}\" is a reserved prefix.");
        }

        if (!name.Contains('.', StringComparison.Ordinal))
        {
            throw Unknown(name);
        }

        if (!IsCustomName(name))
        {
            throw InvalidName(name, "Custom parameter names must be two or more simple identifiers separated by dots.");
        }
    }

    private static DialectException InvalidName(string name, string detail) =>
        new("42602", $"invalid configuration parameter name \"{name}\"", detail: detail);

    private static bool IsCustomName(string name) =>
        name.Split('.').All(part =>
            part.Length > 0 && !char.IsAsciiDigit(part[0]) && part[0] != '$'
            && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$' || c > '\u007f'));

    private static Setting Read(string row)
    {
        var fields = row.Split('|');
        var kind = fields[1] switch
        {
            "b" => SettingKind.Boolean,
            "i" => SettingKind.Integer,
            "r" => SettingKind.Real,
            "e" => SettingKind.Enumerated,
            _ => SettingKind.Text,
        };
        return new Setting(
            fields[0], kind, fields[2][0], fields[3], fields[4], fields[5], fields[6].Length == 0 ? [] : fields[6].Split(','), fields[7]);
    }

    /// <summary>The output of SHOW for a value.</summary>
    public static string Show(Setting setting, string value) => setting.Name switch
    {
        "seed" => "unavailable",
        "archive_command" when value.Length == 0 => "(disabled)",
        "data_directory_mode" or "log_file_mode" or "unix_socket_permissions" =>
            "0" + Convert.ToString(int.Parse(value, CultureInfo.InvariantCulture), 8),
        _ => setting.Kind switch
        {
            SettingKind.Integer => SettingNumbers.Show(long.Parse(value, CultureInfo.InvariantCulture), setting.Unit),
            SettingKind.Real => SettingNumbers.Show(double.Parse(value, CultureInfo.InvariantCulture), setting.Unit),
            _ => value,
        },
    };
}
