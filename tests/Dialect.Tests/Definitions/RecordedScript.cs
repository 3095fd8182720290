using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>A script of definitions with PostgreSQL's answers, as tests/DefinitionOracle has recorded it.</summary>
internal static class RecordedScript
{
    private const string Prefix = "definitions-";

    public static TheoryData<string> Names => [.. typeof(RecordedScript).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal) && name != "definitions-known.tsv")
        .Select(name => name[Prefix.Length..^".tsv".Length]).Order(StringComparer.Ordinal)];

    public static IEnumerable<(string Sql, string Answer)> Read(string name) => Lines($"{Prefix}{name}.tsv").Select(fields =>
        (JsonSerializer.Deserialize<string>(fields[0])!, JsonSerializer.Deserialize<string>(fields[1])!));

    /// <summary>The statements of a script that are known to differ: the text, which of those with it, and the reason.</summary>
    public static Dictionary<(string Sql, int Number), string> Known(string script) => Lines("definitions-known.tsv")
        .Where(fields => fields[0] == script)
        .ToDictionary(fields => (JsonSerializer.Deserialize<string>(fields[2])!, int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture)), fields => fields[3]);

    private static IEnumerable<string[]> Lines(string resource)
    {
        using var stream = typeof(RecordedScript).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'));
    }
}
