using System.Diagnostics;
using System.Text.Json;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

/// <summary>
/// PostgreSQL's own grammar as the judge: the npm package libpg-query of version 15. Skipped where it is not installed, unless
/// REQUIRE_CLIENTS=1 (npm install --global libpg-query@15.6.3).
/// </summary>
public class OracleTests
{
    // What libpg-query takes or says otherwise than PostgreSQL's server: it allows junk behind numbers and parameters, and comments
    // between the parts of a string end it there; and it is older than the server in one check.
    private static readonly string[] s_serverDiffers =
    [
        "SELECT 1e+", "SELECT 123abc", "SELECT 0x1F", "SELECT 1_000", "SELECT $1a", "SELECT 'a' -- x\n 'b'",
        "(SELECT 1 LIMIT 1) ORDER BY 1 OFFSET 2",
    ];

    [SkippableOracleFact]
    public void What_clients_send_is_written_back_to_what_PostgreSQL_reads_in_the_original()
    {
        var wrong = Compare([.. TestData.Corpus]);
        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join('\n', wrong.Take(20))}");
    }

    [SkippableOracleFact]
    public void Odd_statements_are_taken_and_refused_as_by_PostgreSQLs_grammar()
    {
        var texts = TestData.Decisions.Select(d => d.Sql).Except(s_serverDiffers).ToArray();
        var wrong = Compare(texts);
        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join('\n', wrong.Take(20))}");
    }

    private static List<string> Compare(string[] texts)
    {
        var wrong = new List<string>();
        var read = texts.Select(Read).ToArray();
        var verdicts = Ask(texts.Zip(read, (sql, r) => new Question(sql, r.Nodes is null ? null : string.Join(";\n", r.Nodes.Select(Writer.Write)))));
        for (var i = 0; i < texts.Length; i++)
        {
            var (nodes, error) = read[i];
            var verdict = verdicts[i];
            if (verdict.Accepted != nodes is not null)
            {
                wrong.Add($"{texts[i]}\n  PostgreSQL: {verdict.Error ?? "takes it"}, here: {error?.Message ?? "taken"}");
            }
            else if (nodes is null)
            {
                // Errors without a place in the text have position 1 there.
                if (error!.Message != verdict.Error || (error.Position != verdict.Position && error.Position != 0))
                {
                    wrong.Add($"{texts[i]}\n  PostgreSQL: {verdict.Error} at {verdict.Position}, here: {error.Message} at {error.Position}");
                }
            }
            else if (!verdict.Same || !verdict.Extents!.SelectMany(e => e).SequenceEqual(
                nodes.Cast<Statement>().SelectMany(s => new[] { s.Extent.Start, s.Extent.Length })))
            {
                wrong.Add($"{texts[i]}\n  was written as {string.Join(";\n", nodes.Select(Writer.Write))}\n  {verdict.Error}");
            }
        }

        return wrong;
    }

    private static (IReadOnlyList<Node>? Nodes, DialectException? Error) Read(string sql)
    {
        try
        {
            return (Parser.Parse(sql), null);
        }
        catch (DialectException e)
        {
            return (null, e);
        }
    }

    private static Verdict[] Ask(IEnumerable<Question> questions)
    {
        var folder = Directory.CreateTempSubdirectory("rqlite-pg-grammar-").FullName;
        try
        {
            var script = Path.Combine(folder, "oracle.cjs");
            var input = Path.Combine(folder, "questions.json");
            File.WriteAllText(script, TestData.Read("oracle.cjs"));
            File.WriteAllText(input, JsonSerializer.Serialize(questions, JsonSerializerOptions.Web));
            return JsonSerializer.Deserialize<Verdict[]>(SkippableOracleFactAttribute.Run("node", script, input), JsonSerializerOptions.Web)!;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Question(string Sql, string? Written);

    private sealed record Verdict(bool Accepted, string? Error, int Position, bool Same, int[][]? Extents);

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class SkippableOracleFactAttribute : FactAttribute
    {
        private static readonly Lazy<string?> s_missing = new(FindMissing);

        public SkippableOracleFactAttribute()
        {
            if (s_missing.Value is { } missing && Environment.GetEnvironmentVariable("REQUIRE_CLIENTS") != "1")
            {
                Skip = missing;
            }
        }

        public static string Run(string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["LIBPG_QUERY_FOLDERS"] = string.Join(':', Folders());
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException(errors.Result);
        }

        private static string? FindMissing()
        {
            try
            {
                Run("node", "-e", "require.resolve('libpg-query', { paths: process.env.LIBPG_QUERY_FOLDERS.split(':') })");
                return null;
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                return "Not installed: node with libpg-query 15.";
            }
        }

        private static string[] Folders() =>
        [
            .. (Environment.GetEnvironmentVariable("NODE_PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
            "/usr/local/lib/node_modules", "/usr/lib/node_modules", "/usr/share/nodejs",
        ];
    }
}
