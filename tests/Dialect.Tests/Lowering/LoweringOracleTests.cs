using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace Rqlite.Pg.Dialect.Tests.Lowering;

/// <summary>
/// A script of statements whose answers PostgreSQL 15 has given. Statements run in order on one database. Differences stand with their reasons in
/// lowering-known.tsv; a statement that agrees may not stand there.
/// </summary>
public class LoweringOracleTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Answers_are_those_of_PostgreSQL()
    {
        await using var runner = new LoweringRunner(Resource("lowering-schema.sql"));
        var known = Resource("lowering-known.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(fields => Unescape(fields[0]), fields => fields[1]);
        var (count, report, differences) = (0, new StringBuilder(), 0);
        foreach (var line in Resource("lowering.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split('\t');
            var (sql, sorted, expected) = (Unescape(fields[0]), fields[1] == "s", Unescape(fields[2]));
            count++;
            var reads = char.ToUpperInvariant(sql[0]) is 'S' or 'V' or '(' or 'T' || (sql.StartsWith("WITH", StringComparison.Ordinal) && !sql.Contains("INSERT", StringComparison.Ordinal) && !sql.Contains("UPDATE", StringComparison.Ordinal));
            var actual = await runner.RunAsync(sql, lifts: false, sorted);
            if (reads && Matches(actual, expected))
            {
                actual = await runner.RunAsync(sql, lifts: true, sorted);
            }

            if (Matches(actual, expected) == known.ContainsKey(sql))
            {
                differences++;
                report.AppendLine($"{sql}\n  expected {expected}\n  actual   {actual}\n  lowered  {Lowered(runner, sql)}");
            }
        }

        if (Environment.GetEnvironmentVariable("ORACLE_REPORT") is { } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "lowering.txt"), report.ToString());
        }

        output.WriteLine($"{count} statements");
        Assert.True(differences == 0, $"{differences} of {count} differ:\n{report}");
    }

    /// <summary>The server makes PostgreSQL's errors of what SQLite says about constraints; here the kind has to be the same.</summary>
    private static bool Matches(string actual, string expected) => actual == expected
        || (expected.StartsWith("!23505", StringComparison.Ordinal) && actual.Contains("UNIQUE constraint failed", StringComparison.Ordinal))
        || (expected.StartsWith("!23502", StringComparison.Ordinal) && actual.Contains("NOT NULL constraint failed", StringComparison.Ordinal));

    private static string Lowered(LoweringRunner runner, string sql)
    {
        try
        {
            return runner.Lower(runner.Bind(sql), sql).Steps[0].Sql;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private static string Resource(string name)
    {
        using var stream = typeof(LoweringOracleTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Unescape(string field) => JsonSerializer.Deserialize<string>(field)!;
}
