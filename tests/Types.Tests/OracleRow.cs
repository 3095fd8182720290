using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Types.Tests;

/// <summary>An answer of PostgreSQL 15, as tests/TypesOracle recorded it.</summary>
/// <param name="Outcome"><c>=text</c>, <c>N</c> for NULL, or <c>!sqlstate|message|detail|hint</c>.</param>
internal sealed record OracleRow(string Operation, FormatSettings Settings, string Outcome, string[] Arguments, string Shown)
{
    private static readonly Dictionary<string, FormatSettings> s_settings = [];

    public byte[] Bytes(int index) => Encoding.UTF8.GetBytes(Arguments[index]);

    public static IEnumerable<OracleRow> Read(string family)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(family + ".tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split('\t');
            yield return new OracleRow(
                fields[0], SettingsOf(fields[1]), Unescape(fields[2]), [.. fields.Skip(3).Select(Unescape)],
                $"{fields[0]} [{fields[1]}] ({string.Join(" | ", fields.Skip(3))})");
        }
    }

    private static FormatSettings SettingsOf(string text)
    {
        if (s_settings.TryGetValue(text, out var settings))
        {
            return settings;
        }

        settings = FormatSettings.Default;
        foreach (var setting in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            settings = Apply(settings, setting[..at], setting[(at + 1)..]);
        }

        return s_settings[text] = settings;
    }

    private static FormatSettings Apply(FormatSettings settings, string name, string value)
    {
        switch (name)
        {
            case "DateStyle":
                var parts = value.Split(", ");
                return settings with
                {
                    DateStyle = Enum.Parse<DateStyle>(parts[0], ignoreCase: true),
                    DateOrder = parts[1] switch { "DMY" => DateOrder.DayMonthYear, "YMD" => DateOrder.YearMonthDay, _ => DateOrder.MonthDayYear },
                };
            case "IntervalStyle":
                var style = value.Replace("_", "", StringComparison.Ordinal);
                return settings with { IntervalStyle = Enum.Parse<IntervalStyle>(style, ignoreCase: true) };
            case "TimeZone":
                return settings with { TimeZone = Values.TimeZones.Find(value) ?? throw new ArgumentException(value) };
            case "extra_float_digits":
                return settings with { ExtraFloatDigits = int.Parse(value) };
            case "bytea_output":
                return settings with { ByteaEscape = value == "escape" };
            default:
                throw new ArgumentException(name);
        }
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            result.Append(text[i] != '\\' ? text[i] : text[++i] switch { 't' => '\t', 'n' => '\n', 'r' => '\r', var c => c });
        }

        return result.ToString();
    }
}
