using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Dialect.Tests.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Binding;

/// <summary>Statements as deep as the parser allows, on a stack of 1 MB.</summary>
public class DepthTests
{
    private const int StackBytes = 1 << 20;

    private static readonly TestSchema s_schema = TestSchema.Read(TestData.Read("binding-schema.sql"));

    /// <summary>What stands before the first level, what opens a level, what stands within, what closes a level, what stands behind.</summary>
    public static TheoryData<string, string, string, string, string> Nests => new()
    {
        { "SELECT ", "(", "1", ")", "" },
        { "SELECT ", "1 + (", "1", ")", "" },
        { "SELECT 1", " + 1", "", "", "" },
        { "SELECT 'a'", " || 'b'", "", "", "" },
        { "SELECT ", "- (", "1", ")", "" },
        { "SELECT ", "NOT ", "true", "", "" },
        { "SELECT ", "NOT (true AND ", "true", ")", "" },
        { "SELECT ", "(true OR (false AND ", "true", "))", "" },
        { "SELECT ", "abs(", "1", ")", "" },
        { "SELECT ", "coalesce(", "1", ", 2)", "" },
        { "SELECT ", "greatest(1, ", "1", ")", "" },
        { "SELECT ", "nullif(", "1", ", 2)", "" },
        { "SELECT ", "CASE WHEN true THEN ", "1", " END", "" },
        { "SELECT ", "CASE ", "1", " WHEN 1 THEN 1 END", "" },
        { "SELECT ", "CASE 1 WHEN 1 THEN 1 ELSE ", "1", " END", "" },
        { "SELECT ", "CAST(", "1", " AS int8)", "" },
        { "SELECT 1", "::int8::int4", "", "", "" },
        { "SELECT 1", "::text::varchar(3)", "", "", "" },
        { "SELECT ", "ARRAY[", "1", "]", "" },
        { "SELECT ", "ROW(", "1", ")", "" },
        { "SELECT ", "(1, ", "1", ")", "" },
        { "SELECT ", "(", "1", " IS NULL)", "" },
        { "SELECT ", "(", "true", " IS TRUE)", "" },
        { "SELECT ", "(true IN (", "true", "))", "" },
        { "SELECT ", "(true IN (true, ", "true", "))", "" },
        { "SELECT ", "(1 = ANY (ARRAY[", "1", "]))", "" },
        { "SELECT ", "(", "true", " IS DISTINCT FROM true)", "" },
        { "SELECT ", "(", "'a'", " COLLATE \"C\")", "" },
        { "SELECT ", "('{1}'::int[])[", "1", "]", "" },
        { "SELECT ", "(SELECT ", "1", ")", "" },
        { "SELECT ", "EXISTS (SELECT ", "1", ")", "" },
        { "SELECT ", "1 IN (SELECT ", "1", ")", "" },
        { "SELECT ", "ARRAY(SELECT 1 WHERE 1 = ", "1", ")", "" },
        { "SELECT ", "(SELECT a FROM t WHERE a = ", "1", ")", "" },
        { "SELECT ", "(SELECT count(*) FROM t WHERE t.a > ", "1", ")", "" },
        { "SELECT * FROM ", "(SELECT * FROM ", "t", ") x", "" },
        { "SELECT * FROM ", "(SELECT a, b FROM ", "t", " GROUP BY a, b) x", "" },
        { "SELECT * FROM t", ", LATERAL (SELECT a FROM t", "", ") x", "" },
        { "SELECT 1 FROM t", " CROSS JOIN u", "", "", "" },
        { "SELECT * FROM ", "(SELECT 1) a CROSS JOIN (", "t CROSS JOIN u", ")", "" },
        { "SELECT 1 FROM ", "(t CROSS JOIN ", "u", ") x", "" },
        { "", "WITH x AS (", "SELECT 1", ") SELECT * FROM x", "" },
        { "SELECT 1 FROM t", " UNION (SELECT 1 UNION ALL (SELECT 1", "", "))", "" },
        { "", "(", "SELECT 1", ") EXCEPT SELECT 2", "" },
        { "SELECT sum(", "abs(", "a", ")", ") FROM t" },
        { "SELECT a + ", "abs(", "a", ")", " FROM t GROUP BY a" },
        { "SELECT ", "abs(", "a", ")", " FROM t GROUP BY a ORDER BY a" },
        { "SELECT sum(a) OVER (ORDER BY ", "abs(", "a", ")", ") FROM t" },
        { "SELECT 1 FROM t GROUP BY ", "abs(", "a", ")", "" },
        { "SELECT DISTINCT ON (", "abs(", "1", ")", ") 1" },
        { "INSERT INTO t (a) VALUES (", "abs(", "1", ")", ")" },
        { "INSERT INTO t (a) VALUES (1), (", "abs(", "1", ")", ")" },
        { "UPDATE t SET a = ", "abs(", "a", ")", "" },
        { "DELETE FROM t WHERE a = ", "abs(", "a", ")", " RETURNING a" },
        { "SELECT * FROM generate_series(1, ", "abs(", "1", ")", ")" },
        { "SELECT * FROM t WHERE a LIKE ", "lower(", "'x'", ")", "" },
    };

    [Theory]
    [MemberData(nameof(Nests))]
    public void No_statement_that_the_parser_takes_is_too_deep(string before, string open, string inner, string close, string after)
    {
        var levels = DeepestOf(before, open, inner, close, after);
        Assert.InRange(levels, 80, 1000);
        var text = Repeat(before, open, inner, close, after, levels);
        SmallStack.Run(StackBytes, () =>
        {
            try
            {
                _ = Binder.Bind((Statement)Parser.Parse(text)[0], text, s_schema.NewContext(text));
            }
            catch (DialectException e)
            {
                // An error of types or of the statement is an answer too.
                Assert.Equal(5, e.SqlState.Length);
            }
        });
    }

    /// <summary>How many levels the parser takes.</summary>
    private static int DeepestOf(string before, string open, string inner, string close, string after)
    {
        var (least, most) = (1, Parser.LevelsMax);
        while (least < most)
        {
            var middle = (least + most + 1) / 2;
            try
            {
                _ = Parser.Parse(Repeat(before, open, inner, close, after, middle));
                least = middle;
            }
            catch (DialectException e) when (e.SqlState == "54001")
            {
                most = middle - 1;
            }
        }

        return least;
    }

    private static string Repeat(string before, string open, string inner, string close, string after, int levels) =>
        before + string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels)) + after;

    [Fact]
    public void Deep_expressions_that_are_compared_with_each_other_are_not_too_deep()
    {
        var deep = string.Concat(Enumerable.Repeat("abs(", 450)) + "a" + string.Concat(Enumerable.Repeat(")", 450));
        var text = $"SELECT {deep} FROM t GROUP BY {deep} ORDER BY {deep}";
        SmallStack.Run(StackBytes, () => Assert.Single(
            Binder.Bind((Statement)Parser.Parse(text)[0], text, s_schema.NewContext(text)).Query.Targets));
    }

    [Fact]
    public void BETWEEN_within_BETWEEN_ends_before_the_tree_grows_without_bound()
    {
        var text = "SELECT " + string.Concat(Enumerable.Repeat("(", 30)) + "true" + string.Concat(Enumerable.Repeat(" BETWEEN false AND true)", 30));
        var exception = Assert.Throws<DialectException>(
            () => Binder.Bind((Statement)Parser.Parse(text)[0], text, s_schema.NewContext(text)));
        Assert.Equal("54001", exception.SqlState);
    }

    [Theory]
    [InlineData("SELECT 1", " UNION SELECT 1", "", 5000)]
    [InlineData("SELECT * FROM t WHERE a = 1", " OR a = 1", "", 20_000)]
    [InlineData("SELECT * FROM t WHERE a IN (1", ", 1", ")", 20_000)]
    [InlineData("SELECT * FROM t WHERE a IN (1", ", a", ")", 20_000)]
    [InlineData("SELECT coalesce(1", ", 1", ")", 20_000)]
    [InlineData("INSERT INTO t (a) VALUES (1)", ", (1)", "", 20_000)]
    public void Lists_are_as_long_as_they_like(string first, string next, string last, int count)
    {
        var text = first + string.Concat(Enumerable.Repeat(next, count)) + last;
        SmallStack.Run(StackBytes, () => _ = Binder.Bind((Statement)Parser.Parse(text)[0], text, s_schema.NewContext(text)));
    }
}
