namespace Rqlite.Pg.Dialect.Tests.Syntax;

internal static class TestData
{
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(TestData).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>The statements of clients that are PostgreSQL's, and those among them that must fail.</summary>
    public static IReadOnlyList<string> Corpus { get; } = [.. ReadCorpus()];

    /// <summary>Odd and malformed statements, with what PostgreSQL 15 says about each; no message where it takes it.</summary>
    public static IReadOnlyList<Decision> Decisions { get; } = [.. ReadDecisions()];

    private static IEnumerable<string> ReadCorpus()
    {
        foreach (var block in Read("statements.sql").Split("\n;\n"))
        {
            var text = block.TrimStart('\n');
            if (text.StartsWith("-- postgresql\n", StringComparison.Ordinal))
            {
                yield return text["-- postgresql\n".Length..];
            }
        }
    }

    private static IEnumerable<Decision> ReadDecisions()
    {
        foreach (var line in Read("decisions.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t');
            var sql = fields[0].Replace("\\n", "\n", StringComparison.Ordinal);
            yield return fields.Length == 1
                ? new Decision(sql, null, null, 0)
                : new Decision(sql, fields[1], fields[2].Replace("\\n", "\n", StringComparison.Ordinal), int.Parse(fields[3]));
        }
    }

    internal sealed record Decision(string Sql, string? SqlState, string? Message, int Position);
}
