using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Planning;

/// <summary>The checked settings that a statement brings for itself.</summary>
internal sealed class ReadHint
{
    private const string Prefix = "rqlite.";

    private readonly (string Name, string Value)[] _settings;

    private ReadHint((string Name, string Value)[] settings) => _settings = settings;

    /// <exception cref="DialectException">22023: the name is no setting of reads, or the value is not valid for it.</exception>
    public static ReadHint? Of(ParsedStatement? parsed) => parsed?.Hint is { } settings ? new([.. settings.Select(Check)]) : null;

    /// <summary>The value that the statement brings, or null.</summary>
    public string? this[string setting]
    {
        get
        {
            foreach (var (name, value) in _settings)
            {
                if (name == setting)
                {
                    return value;
                }
            }

            return null;
        }
    }

    private static (string Name, string Value) Check(KeyValuePair<string, string> setting) =>
        setting.Key is "consistency" or "freshness" or "freshness_strict" or "min_index" && SettingTable.Find(Prefix + setting.Key) is { } known
            ? (known.Name, SettingValues.Check(known, known.Name, setting.Value, null))
            : throw new DialectException(
                "22023", $"unrecognized setting \"{setting.Key}\" in a hint",
                hint: "A hint takes consistency, freshness, freshness_strict and min_index.");
}
