using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>
/// Scripts of definitions and of questions to the catalogs, whose answers PostgreSQL 15 has given. Differences stand with their reasons in
/// definitions-known.tsv; a statement that agrees may not stand there.
/// </summary>
public class DefinitionOracleTests
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Scripts => RecordedScript.Names;

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Answers_are_those_of_PostgreSQL(string script)
    {
        await using var database = new DefinitionDatabase();
        var known = RecordedScript.Known(script);
        var seen = new Dictionary<string, int>();
        var (report, differences) = (new StringBuilder(), 0);
        foreach (var (sql, expected) in RecordedScript.Read(script))
        {
            var number = seen[sql] = seen.GetValueOrDefault(sql) + 1;
            var actual = await database.RunAsync(sql);
            if (Matches(actual, expected) != known.ContainsKey((sql, number)))
            {
                continue;
            }

            differences++;
            report.AppendLine($"{script}\t{number}\t{JsonSerializer.Serialize(sql, s_json)}\n  expected {expected}\n  actual   {actual}");
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, $"definitions-{script}.txt"), report.ToString());
        }

        Assert.True(differences == 0, $"{differences} differ:\n{report}");
    }

    /// <summary>The server makes PostgreSQL's errors of what SQLite says about the rows of a change; here the kind has to be the same.</summary>
    private static bool Matches(string actual, string expected) => actual == expected
        || (expected.StartsWith("!23", StringComparison.Ordinal) && actual.Contains("constraint failed", StringComparison.Ordinal));
}
