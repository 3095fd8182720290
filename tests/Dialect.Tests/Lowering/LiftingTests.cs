using System.Text;
using System.Text.Json;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Lowering;

/// <summary>A translation whose literals are parameters serves all texts that differ in these literals alone.</summary>
public class LiftingTests
{
    private const string Schema = """
        CREATE TYPE mood AS ENUM ('sad', 'ok');
        CREATE TABLE t (id int PRIMARY KEY, k text NOT NULL UNIQUE, n numeric UNIQUE, x int, y text, d date, m mood, j jsonb, f float8);
        CREATE TABLE u (id int PRIMARY KEY, t_id int, d date);
        """;

    [Theory]
    [InlineData("SELECT 1, x FROM t WHERE x = 5", "5")]
    [InlineData("SELECT x FROM t WHERE x = -5 AND f > - 2.5 AND id <> 3000000000", "-5 -2.5 3000000000")]
    [InlineData("SELECT x FROM t WHERE x IN (1, 2) AND k IN ('a', E'\\x62', $$c$$)", "1 2 a b c")]
    [InlineData("SELECT x FROM t WHERE d BETWEEN '2024-1-2' AND date '2025-01-01' AND m = 'ok'", "2024-01-02 2025-01-01 ok")]
    [InlineData("SELECT t.x FROM t JOIN u ON u.t_id = t.id AND u.id = 7 WHERE t.k = 'a' LIMIT 3 OFFSET 4", "7 a 3 4")]
    [InlineData("SELECT s.x FROM (SELECT x FROM t WHERE id = 1) s WHERE EXISTS (SELECT 5 FROM u WHERE u.id = 2)", "1 2")]
    [InlineData("WITH c AS (SELECT x + 1 AS x FROM t WHERE k = 'a') SELECT * FROM c WHERE x > 2 ORDER BY 1", "a 2")]
    [InlineData("INSERT INTO t (id, k, n) VALUES (1, 'a', 1.50)", "1 a 1.50")]
    [InlineData("INSERT INTO t (id, k, d) VALUES (1, 'a', '2024-01-01'), (2, 'b', NULL)", "1 a 2024-01-01 2 b")]
    [InlineData("UPDATE t SET x = x + 5, y = 'b' || 'c' WHERE id = 1 RETURNING x + 9", "5 b c 1")]
    [InlineData("DELETE FROM t WHERE id = 1 OR k = 'x'", "1 x")]
    [InlineData("INSERT INTO u (id, t_id) VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET t_id = 3 WHERE u.id > 4", "1 2 3 4")]
    [InlineData("SELECT x FROM t WHERE (x = 1 AND k = 'a') OR (x = 2 AND k = 'a' AND y = 'b')", "1 2 b")]
    [InlineData("SELECT x FROM t WHERE (x = 1 AND k = 'a') OR (x = 1 AND k = 'b')", "a b")]
    public async Task Literals_of_conditions_and_written_values_are_lifted(string sql, string values)
    {
        await using var runner = new LoweringRunner(Schema);
        Assert.Equal(values.Split(' '), Lifted(Lower(runner, sql)).OrderBy(literal => literal.Lift).Select(literal => literal.Text));
    }

    [Theory]
    [InlineData("SELECT 'a', x + 1 FROM t GROUP BY x + 1 HAVING x + 1 > 2 ORDER BY 2, x + 1")]
    [InlineData("SELECT (SELECT max(id) FROM u WHERE t_id = t.x AND id > 5) FROM t GROUP BY t.x")]
    [InlineData("SELECT sum(x) FILTER (WHERE x > 1), rank() OVER (ORDER BY x + 1) FROM t GROUP BY x")]
    [InlineData("SELECT x FROM t WHERE k LIKE 'ab%' OR k LIKE 'a%b' OR k ~ '^(ab)$'")]
    [InlineData("SELECT x FROM t WHERE (SELECT d FROM u ORDER BY d LIMIT 1) IS NOT NULL")]
    [InlineData("SELECT x FROM t WHERE d < 'yesterday' AND j -> 'a' IS NOT NULL AND d::text::varchar(10) IS NOT NULL")]
    [InlineData("SELECT x FROM t WHERE extract(year FROM d) IS NULL AND x = -0 AND k = U&'d\\0061t'")]
    [InlineData("SELECT x FROM t WHERE id > -2147483648 AND 't'::regclass IS NOT NULL")]
    [InlineData("SELECT x FROM t WHERE x % 10 IS NULL AND true AND NULL IS NULL")]
    public async Task What_decides_about_the_statement_stays_in_its_text(string sql)
    {
        await using var runner = new LoweringRunner(Schema);
        Assert.Empty(Lifted(Lower(runner, sql)));
    }

    [Theory]
    [InlineData("SELECT x FROM t WHERE x = 5", "SELECT x FROM t WHERE x = 7")]
    [InlineData("SELECT x FROM t WHERE x = - 5", "SELECT x FROM t WHERE x = - 1")]
    [InlineData("SELECT x FROM t WHERE n = 1.5", "SELECT x FROM t WHERE n = 1.50")]
    [InlineData("SELECT x FROM t WHERE k = 'a' OR y = $$b$$", "SELECT x FROM t WHERE k = E'\\'' OR y = 'it''s'")]
    [InlineData("SELECT x FROM t WHERE d = '2024-01-01'", "SELECT x FROM t WHERE d = 'Jan 2 2024'")]
    [InlineData("SELECT x FROM t WHERE m = 'ok'", "SELECT x FROM t WHERE m = 'sad'")]
    [InlineData("SELECT x FROM t ORDER BY id LIMIT 1", "SELECT x FROM t ORDER BY id LIMIT 0")]
    [InlineData("SELECT x FROM t WHERE j @> '{\"a\": 1}'", "SELECT x FROM t WHERE j @> '{ }'")]
    public async Task A_translation_serves_other_literals(string sql, string other)
    {
        await using var runner = new LoweringRunner(Schema);
        await runner.RunAsync(
            """
            INSERT INTO t VALUES (1, 'a', 1.5, 5, 'b', '2024-01-01', 'ok', '{"a": 1}', 1), (2, '''', 2, 7, 'it''s', '2024-01-02', 'sad', '{"a": 2}', 2),
                (3, 'c', 3, -1, NULL, NULL, NULL, NULL, NULL), (4, 'd', 4, -5, NULL, NULL, NULL, NULL, NULL)
            """,
            lifts: true, sorted: false);
        var bound = runner.Bind(sql);
        var served = Serve(runner.Lower(bound, sql, lifts: true), sql, other, runner);
        Assert.NotNull(served);
        var expected = await runner.RunAsync(other, lifts: false, sorted: false);
        Assert.Equal(expected, await runner.RunAsync(bound, served, [], sorted: false));
        Assert.NotEqual(await runner.RunAsync(sql, lifts: false, sorted: false), other.Contains("1.50", StringComparison.Ordinal) ? "" : expected);
    }

    [Theory]
    [InlineData("SELECT x FROM t WHERE x = 5", "SELECT x FROM t WHERE x = 3000000000")]
    [InlineData("SELECT x FROM t WHERE x = 5", "SELECT x FROM t WHERE x = 5.0")]
    [InlineData("SELECT x FROM t WHERE x = -3000000000", "SELECT x FROM t WHERE x = -2147483648")]
    [InlineData("SELECT x FROM t WHERE d = '2024-01-01'", "SELECT x FROM t WHERE d = 'today'")]
    [InlineData("SELECT x FROM t WHERE d = '2024-01-01'", "SELECT x FROM t WHERE d = '01/02/2024'")]
    [InlineData("SELECT x FROM t WHERE d = '2024-01-01'", "SELECT x FROM t WHERE d = 'x'")]
    [InlineData("SELECT x FROM t WHERE m = 'ok'", "SELECT x FROM t WHERE m = 'other'")]
    [InlineData("SELECT x FROM t WHERE k LIKE 'a%'", "SELECT x FROM t WHERE k LIKE 'b%'")]
    [InlineData("SELECT 1 FROM t WHERE x = 1", "SELECT 2 FROM t WHERE x = 1")]
    [InlineData("SELECT x FROM t WHERE x = 1", "SELECT x FROM t WHERE x = 1 LIMIT 1")]
    public async Task A_translation_does_not_serve_what_may_mean_something_else(string sql, string other)
    {
        await using var runner = new LoweringRunner(Schema);
        Assert.Null(Serve(runner.Lower(runner.Bind(sql), sql, lifts: true), sql, other, runner));
    }

    /// <summary>Every query of the recorded script, with other literals in the places of the lifted ones.</summary>
    [Fact]
    public async Task Recorded_queries_with_other_literals_answer_as_their_own_translations_do()
    {
        await using var runner = new LoweringRunner(Resource("lowering-schema.sql"));
        var (count, wrong) = (0, new StringBuilder());
        foreach (var line in Resource("lowering.tsv").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var sql = JsonSerializer.Deserialize<string>(line.Split('\t')[0])!;
            if (char.ToUpperInvariant(sql[0]) is not ('S' or 'V' or 'W') || line.Contains("\"!", StringComparison.Ordinal)
                || sql.Contains("INSERT", StringComparison.Ordinal) || sql.Contains("UPDATE", StringComparison.Ordinal)
                || sql.Contains("DELETE", StringComparison.Ordinal))
            {
                await runner.RunAsync(sql, lifts: true, sorted: false);
                continue;
            }

            if ((await runner.RunAsync(sql, lifts: false, sorted: false)).StartsWith("!0A000", StringComparison.Ordinal))
            {
                continue;
            }

            var bound = runner.Bind(sql);
            var lowered = runner.Lower(bound, sql, lifts: true);
            for (var variant = 1; variant <= 3; variant++)
            {
                var other = Vary(sql, [.. lowered.Steps.SelectMany(step => Lifted(step)).Select(literal => literal.Lift)], variant);
                if (other != sql && Serve(lowered, sql, other, runner) is { } served)
                {
                    count++;
                    var (actual, expected) = (await runner.RunAsync(bound, served, [], sorted: true), await runner.RunAsync(other, lifts: false, sorted: true));
                    wrong.Append(actual == expected ? "" : $"{sql}\n{other}\n  {expected}\n  {actual}\n");
                }
            }
        }

        Assert.True(count > 200 && wrong.Length == 0, $"{count}\n{wrong}");
    }

    private static string Vary(string sql, HashSet<int> lifted, int variant)
    {
        var literals = LiteralTokens.Of(sql);
        var result = new StringBuilder(sql);
        foreach (var index in lifted.OrderDescending())
        {
            var token = literals.Tokens[index];
            var value = literals.ValueOf(index);
            var other = token.Class switch
            {
                LiteralClass.String when value.Any(char.IsAsciiDigit) =>
                    $"'{string.Concat(value.Select(c => c is > '0' and < '9' ? (char)(c == '8' ? '1' : c + (variant % 2)) : c)).Replace("'", "''", StringComparison.Ordinal)}'",
                LiteralClass.String => variant == 1 ? "'zz'" : variant == 2 ? "''" : $"'{value.Replace("'", "''", StringComparison.Ordinal)}b'",
                LiteralClass.Int4 => variant == 1 ? "0" : variant == 2 ? "2" : "40",
                LiteralClass.Int8 => "3000000000",
                _ => variant == 1 ? "0.0" : variant == 2 ? "2.50" : "1e3",
            };
            result.Remove(token.Start, token.End - token.Start).Insert(token.Start, other);
        }

        return result.ToString();
    }

    /// <summary>What a cache of translations does: the steps of one text with the literals of another; null where it does not serve it.</summary>
    private static LoweredQuery? Serve(LoweredQuery lowered, string text, string other, LoweringRunner runner)
    {
        var (old, now) = (LiteralTokens.Of(text), LiteralTokens.Of(other));
        if (!old.Tokens.Select(token => token.Class).SequenceEqual(now.Tokens.Select(token => token.Class)) || Frame(text, old) != Frame(other, now))
        {
            return null;
        }

        var lifted = lowered.Steps.SelectMany(step => Lifted(step)).Select(literal => literal.Lift).ToHashSet();
        if (Enumerable.Range(0, old.Tokens.Count).Any(i => !lifted.Contains(i) && old.ValueOf(i) != now.ValueOf(i)))
        {
            return null;
        }

        var serves = true;
        var steps = lowered.Steps.Select(step => step with { Parameters = [.. step.Parameters.Select(Replace)] }).ToList();
        return serves ? lowered with { Steps = steps } : null;

        StepParameter Replace(StepParameter parameter)
        {
            if (parameter.Literal is not { Lift: >= 0 and var index } literal)
            {
                return parameter;
            }

            var constant = LiftedLiteral.With(literal, now.Tokens[index].Class, now.ValueOf(index), runner.Schema);
            serves &= constant is not null;
            return parameter with { Literal = constant };
        }
    }

    private static string Frame(string text, LiteralTokens literals)
    {
        var result = new StringBuilder(text);
        foreach (var token in literals.Tokens.Reverse())
        {
            result.Remove(token.Start, token.End - token.Start);
        }

        return result.ToString();
    }

    private static IEnumerable<Const> Lifted(Step step) => step.Parameters.Select(p => p.Literal).OfType<Const>().Where(literal => literal.Lift >= 0);

    private static Step Lower(LoweringRunner runner, string sql) => runner.Lower(runner.Bind(sql), sql, lifts: true).Steps[0];

    private static string Resource(string name)
    {
        using var stream = typeof(LiftingTests).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
