using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>A call of a function that PostgreSQL 15 has answered, as tests/FunctionOracle recorded it.</summary>
/// <param name="Types">The actual types of the arguments.</param>
/// <param name="Results">The types of the result's columns; empty if the call failed.</param>
/// <param name="Outcome">
/// Rows, separated by semicolons, of columns, separated by bars: <c>=text</c>, or <c>N</c> for NULL; or <c>!sqlstate|message|detail|hint</c>.
/// </param>
/// <param name="Arguments">Texts, null for NULL.</param>
internal sealed record FunctionRow(
    string Signature, uint[] Types, uint[] Results, string Settings, string Outcome, string?[] Arguments, string Shown)
{
    private const string Prefix = "functions-";

    private static readonly string[] s_others = ["functions-known.tsv", "functions-unrecorded.tsv"];

    /// <summary>The families of which there are records.</summary>
    public static IEnumerable<string> Families => Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(n => n.StartsWith(Prefix, StringComparison.Ordinal) && !s_others.Contains(n)).Select(n => n[Prefix.Length..^".tsv".Length]);

    /// <summary>The frame over which an aggregate or a window function moves; null for none.</summary>
    public string? Window { get; } = Settings.Split(';').FirstOrDefault(s => s.StartsWith("window=", StringComparison.Ordinal))?["window=".Length..];

    public IReadOnlyDictionary<string, string> SessionSettings { get; } = Settings.Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Where(s => !s.StartsWith("window=", StringComparison.Ordinal))
        .Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => s[1]);

    public static IEnumerable<FunctionRow> Read(string family)
    {
        foreach (var line in Lines($"{Prefix}{family}.tsv"))
        {
            var fields = line.Split('\t');
            var types = fields[1].Split('>');
            yield return new FunctionRow(
                fields[0], Oids(types[0]), Oids(types[1]), fields[2], Unescape(fields[3]),
                [.. fields.Skip(4).Select(f => f == "N" ? null : Unescape(f[1..]))],
                $"{fields[0]} [{types[0]}] [{fields[2]}] ({string.Join(" | ", fields.Skip(4))})");
        }
    }

    /// <summary>The rows of a family that differ on purpose or by a stated weakness, each of which has its reason in the file.</summary>
    public static HashSet<string> Known(string family) => [.. Lines("functions-known.tsv")
        .Select(line => line.Split("\t#\t")).Where(fields => fields.Length == 3 && fields[0] == family).Select(fields => fields[1])];

    /// <summary>The functions that are not to be recorded, each of which has its reason in the file.</summary>
    public static HashSet<string> Unrecorded() => [.. Lines("functions-unrecorded.tsv").Select(line => line.Split('\t')[0])];

    private static IEnumerable<string> Lines(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name);
        if (stream is null)
        {
            yield break;
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static uint[] Oids(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(t => uint.Parse(t, CultureInfo.InvariantCulture))];

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
