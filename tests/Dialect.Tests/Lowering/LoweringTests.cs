using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Lowering;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Lowering;

public class LoweringTests
{
    private const string Schema = """
        CREATE TABLE t (id int PRIMARY KEY, k text NOT NULL UNIQUE, n numeric UNIQUE, x int, y text);
        CREATE TABLE u (id int PRIMARY KEY, t_id int, d date);
        """;

    [Fact]
    public async Task A_parameter_that_is_named_twice_is_one_of_SQLite()
    {
        await using var runner = new LoweringRunner(Schema);
        var step = Single(runner, "SELECT id FROM t WHERE id = $1 OR x = $1 OR n = $2", out _);
        Assert.Equal([(1, PgTypes.Int4), (2, PgTypes.Numeric)], step.Parameters.Select(p => (p.Number, p.Type.Oid)));
    }

    [Fact]
    public async Task Literals_become_parameters_where_they_decide_nothing_about_the_statement()
    {
        await using var runner = new LoweringRunner(Schema);
        const string sql = "SELECT 1, x FROM t WHERE x = 5 AND y LIKE 'ab%' AND n IN (1.5, 2) ORDER BY 2 LIMIT 3";
        var lowered = runner.Lower(runner.Bind(sql), sql, lifts: true).Steps[0];
        Assert.All(lowered.Parameters, p => Assert.NotNull(p.Literal));
        Assert.DoesNotContain("'ab%'", lowered.Parameters.Select(p => p.Literal!.Text));
        Assert.Contains("SELECT 1 AS c1", lowered.Sql, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_most_64_literals_become_parameters()
    {
        await using var runner = new LoweringRunner(Schema);
        var sql = $"SELECT id FROM t WHERE x IN ({string.Join(", ", Enumerable.Range(1, 100))})";
        Assert.True(runner.Lower(runner.Bind(sql), sql, lifts: true).Steps[0].Parameters.Count <= QueryLowering.LiteralsMax);
    }

    [Theory]
    [InlineData("SELECT x FROM t WHERE k = 'a'", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE k LIKE 'ab%'", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE k LIKE 'ab%c'", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE k ~ '^(abc)$'", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE n = 1.50", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE n > 1.50 AND n < 3", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE n IN (1, 2.0)", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE id = ANY ('{1,2}')", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE k = ANY (ARRAY['a', 'b'])", "SEARCH")]
    [InlineData("SELECT x FROM t WHERE k = (SELECT 'a')", "SEARCH")]
    [InlineData("SELECT t.x FROM t JOIN u ON t.id = u.t_id WHERE u.id = 1", "SEARCH _1")]
    [InlineData("SELECT t.x FROM t, u WHERE (t.id = u.t_id AND u.id = 1) OR (t.id = u.t_id AND u.id = 2)", "SEARCH _1")]
    [InlineData("SELECT s.x FROM (SELECT id, x FROM t) s WHERE s.id = 1", "SEARCH")]
    public async Task Conditions_find_rows_by_indexes(string sql, string plan)
    {
        await using var runner = new LoweringRunner(Schema);
        Assert.Contains(plan, await runner.ExplainAsync(sql), StringComparison.Ordinal);
        Assert.Contains(plan, await runner.ExplainAsync(sql, lifts: true), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT k FROM t ORDER BY k")]
    [InlineData("SELECT n FROM t ORDER BY n NULLS FIRST")]
    [InlineData("SELECT k FROM t ORDER BY k DESC LIMIT 1")]
    [InlineData("SELECT id FROM t ORDER BY id DESC")]
    public async Task Indexes_serve_the_order(string sql)
    {
        await using var runner = new LoweringRunner(Schema);
        Assert.DoesNotContain("TEMP B-TREE", await runner.ExplainAsync(sql), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT CASE WHEN x > 0 THEN 1 / x ELSE 1 / 0 END FROM t WHERE id = 1")]
    [InlineData("SELECT coalesce(x, 1 / 0) FROM t WHERE id = 1")]
    [InlineData("SELECT id FROM t WHERE CASE WHEN x > 0 THEN true ELSE 'abc'::text::int > 0 END")]
    public async Task Errors_in_parts_that_are_not_reached_do_not_come_up(string sql)
    {
        await using var runner = new LoweringRunner(Schema);
        await runner.RunAsync("INSERT INTO t VALUES (1, 'a', 1, 1, 'y')", false, false);
        Assert.Equal("[[\"1\"]]", await runner.RunAsync(sql, false, false));
    }

    [Theory]
    [InlineData(5000, "OR")]
    [InlineData(5000, "AND")]
    public async Task Thousands_of_conditions_run(int count, string word)
    {
        await using var runner = new LoweringRunner(Schema);
        var conditions = string.Join($" {word} ", Enumerable.Range(1, count).Select(i => $"x {(word == "OR" ? "=" : "<>")} {i} + id"));
        Assert.Equal("[]", await runner.RunAsync($"SELECT id FROM t WHERE {conditions}", false, false));
    }

    [Theory]
    [InlineData("UNION ALL", 1200)]
    [InlineData("UNION", 1)]
    public async Task Set_operations_of_more_than_500_operands_run(string word, int rows)
    {
        await using var runner = new LoweringRunner(Schema);
        var sql = string.Join($" {word} ", Enumerable.Repeat("SELECT 1", 1200));
        var answer = await runner.RunAsync($"SELECT count(*) FROM ({sql}) s", false, false);
        Assert.Equal($"[[\"{rows}\"]]", answer);
    }

    [Fact]
    public async Task A_join_of_more_than_64_relations_is_refused()
    {
        await using var runner = new LoweringRunner(Schema);
        string Sql(int count) => "SELECT 1 FROM " + string.Join(", ", Enumerable.Range(1, count).Select(i => $"t AS t{i}"));
        Assert.Equal("[]", await runner.RunAsync(Sql(64), false, false));
        Assert.StartsWith("!54000 ", await runner.RunAsync(Sql(65), false, false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Deep_expressions_run_or_are_refused_as_too_complex_on_a_small_stack()
    {
        await using var runner = new LoweringRunner(Schema);
        foreach (var depth in (int[])[300, 480, 700, 990])
        {
            foreach (var sql in (string[])
            [
                "SELECT " + string.Concat(Enumerable.Repeat("NOT ", depth)) + "true",
                "SELECT " + string.Concat(Enumerable.Repeat("abs(", depth / 2)) + "1" + new string(')', depth / 2),
                "SELECT x" + string.Concat(Enumerable.Repeat(" + x", depth)) + " FROM t",
                "SELECT " + string.Concat(Enumerable.Repeat("(SELECT ", depth / 10)) + "1" + new string(')', depth / 10),
            ])
            {
                var answer = "";
                SmallStack.Run(1 << 20, () => answer = runner.RunAsync(sql, false, false).GetAwaiter().GetResult());


                // The server makes 54001 of the last one: the stack of SQLite's parser is as deep as it may be.
                Assert.True(
                    answer.StartsWith('[') || answer.StartsWith("!54001 stack depth", StringComparison.Ordinal) || answer == "!SQLite Recursion limit",
                    $"{depth}: {answer}");
            }
        }
    }

    [Fact]
    public async Task Expressions_of_the_schema_name_columns_alone()
    {
        await using var runner = new LoweringRunner(Schema);
        var table = runner.Schema.FindRelation("public", "t")!;
        var context = new BindContext(runner.Schema, ["public"], new ParameterTypes([]));
        var condition = ExpressionBinder.BindStandalone(
            Dialect.Syntax.Parser.ParseExpression("n > 1.5 AND lower(k) <> 'x'"), table, ExpressionKind.CheckConstraint, context);
        Assert.Equal(
            "((\"n\" COLLATE pg_numeric > '1.5') AND (lower(\"k\") <> 'x'))",
            Lowerer.LowerExpression(condition, table, new LoweringContext(runner.Schema)));
    }

    private static Step Single(LoweringRunner runner, string sql, out BoundStatement bound)
    {
        bound = runner.Bind(sql);
        return Assert.Single(runner.Lower(bound, sql).Steps);
    }
}
