using System.Runtime.ExceptionServices;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

/// <summary>The deepest and longest texts that are taken, read and written on a stack of 1 MB.</summary>
public class NestingTests
{
    private const int StackBytes = 1 << 20;
    private const int Long = 50_000;

    /// <summary>What opens a level, what stands within, what closes it.</summary>
    public static TheoryData<string, string, string, string> Nests => new()
    {
        { "SELECT ", "(", "1", ")" },
        { "SELECT ", "(1 + ", "1", ")" },
        { "SELECT ", "(a, ", "1", ")" },
        { "SELECT ", "(SELECT ", "1", ")" },
        { "SELECT ", "(SELECT a FROM b WHERE c = ", "1", ")" },
        { "", "(", "SELECT 1", ")" },
        { "SELECT ", "((SELECT 1) + ", "1", ")" },
        { "SELECT * FROM ", "(SELECT * FROM ", "t", ") x" },
        { "SELECT * FROM ", "(", "t JOIN u ON a", ")" },
        { "SELECT * FROM ", "(t JOIN ", "u", " ON a)" },
        { "SELECT * FROM ", "t JOIN ", "u", " ON a" },
        { "SELECT * FROM ", "f(SELECT ", "1", ")" },
        { "", "WITH a AS (", "SELECT 1", ") SELECT 1" },
        { "SELECT ", "CASE WHEN ", "1", " THEN 1 END" },
        { "SELECT ", "CASE a WHEN b THEN 1 ELSE ", "1", " END" },
        { "SELECT ", "NOT ", "a", "" },
        { "SELECT ", "- ", "a", "" },
        { "SELECT ", "@ ", "a", "" },
        { "SELECT ", "CAST(", "a", " AS int)" },
        { "SELECT ", "f(", "a", ")" },
        { "SELECT ", "coalesce(", "a", ", b)" },
        { "SELECT ", "a[", "1", "]" },
        { "SELECT ", "ARRAY[", "1", "]" },
        { "SELECT ARRAY", "[", "1", "]" },
        { "SELECT ", "ROW(", "1", ")" },
        { "SELECT ", "a IN (", "1", ")" },
        { "SELECT ", "a IN (SELECT ", "1", ")" },
        { "SELECT ", "EXISTS (SELECT ", "1", ")" },
        { "SELECT ", "a = ANY (", "b", ")" },
        { "SELECT ", "a BETWEEN (", "b", ") AND c" },
        { "SELECT ", "a AND (b OR (", "c", "))" },
        { "SELECT ", "f() OVER (PARTITION BY ", "c", ")" },
        { "SELECT ", "sum(a) FILTER (WHERE ", "c", ")" },
        { "SELECT ", "xmlforest(", "c", ")" },
        { "SELECT 1 GROUP BY ", "GROUPING SETS (", "c", ")" },
        { "EXPLAIN ", "(", "SELECT 1", ")" },
        { "CREATE VIEW v AS ", "(", "SELECT 1", ")" },
        { "CREATE TABLE t (a int CHECK ", "(", "a", ")" },
        { "CREATE FUNCTION f() ", "BEGIN ATOMIC ", "SELECT 1;", " END;" },
        { "CREATE SCHEMA s ", "CREATE SCHEMA s ", "", "" },
        { "CREATE RULE r AS ON INSERT TO t DO ", "(", "SELECT 1", ")" },
        { "COPY ", "(", "SELECT 1", ") TO STDOUT" },
        { "SELECT ", "1 + ", "1", "" },
        { "SELECT a", " + 1", "", "" },
        { "SELECT a", "::int", "", "" },
        { "SELECT a", " COLLATE x", "", "" },
        { "SELECT a", " IS NULL", "", "" },
        { "SELECT a", " AT TIME ZONE b", "", "" },
        { "SELECT a", " IN (1)", "", "" },
        { "SELECT a", " = ANY (b)", "", "" },
        { "SELECT 1", " UNION SELECT 1 EXCEPT SELECT 1", "", "" },
        { "SELECT * FROM t", " JOIN u ON a", "", "" },
        { "SELECT * FROM t", " CROSS JOIN u", "", "" },
        { "SELECT ", "a || b AND c = d OR NOT (", "1", ")" },
    };

    [Theory]
    [MemberData(nameof(Nests))]
    public void The_deepest_text_that_is_taken_fits_a_small_stack(string head, string open, string inner, string close) => SmallStack.Run(StackBytes, () =>
    {
        string Text(int levels) => head + string.Concat(Enumerable.Repeat(open, levels)) + inner + string.Concat(Enumerable.Repeat(close, levels));

        var taken = 1;
        var refused = 20_000;
        Assert.NotEqual("54001", StateOf(Text(taken)));
        var state = StateOf(Text(refused));
        Assert.True(state is "54001" or "42601", $"{state}");
        if (state != "54001")
        {
            // It does not nest at all.
            return;
        }

        while (refused - taken > 1)
        {
            var middle = (taken + refused) / 2;
            (taken, refused) = StateOf(Text(middle)) == "54001" ? (taken, middle) : (middle, refused);
        }

        Assert.InRange(taken, 10, Parser.LevelsMax + 2);
        if (StateOf(Text(taken)) is null)
        {
            var nodes = Parser.Parse(Text(taken));
            var again = Parser.Parse(string.Join(";", nodes.Select(Writer.Write)));
            Assert.True(nodes.SequenceEqual(again));
            _ = nodes[0].GetHashCode();
        }
    });

    [Fact]
    public void Nesting_beyond_the_limit_says_where()
    {
        var exception = Assert.Throws<DialectException>(() => Parser.Parse("SELECT " + new string('(', 100_000)));
        Assert.Equal(("54001", "stack depth limit exceeded"), (exception.SqlState, exception.Message));
        Assert.InRange(exception.Position, 900, 1100);
        Assert.NotNull(exception.Hint);
    }

    public static TheoryData<string, string, string> Chains => new()
    {
        { "SELECT 1 WHERE a = 0", " AND a = {0}", "" },
        { "SELECT 1 WHERE a = 0", " OR a = {0}", "" },
        { "SELECT a IN (0", ", {0}", ")" },
        { "SELECT a NOT IN (0", ", {0} + 1", ")" },
        { "VALUES (0)", ", ({0}, 'x')", "" },
        { "INSERT INTO t VALUES (0)", ", ({0}, E'\\\\x{0}', U&'\\0061', $1)", "" },
        { "SELECT 0", ", {0} AS a{0}", "" },
        { "SELECT ARRAY[0", ", {0}", "]" },
        { "SELECT f(0", ", {0}", ")" },
        { "SELECT CASE", " WHEN a = {0} THEN {0}", " END" },
        { "SELECT 0", " UNION ALL SELECT {0}", "" },
        { "SELECT 1 FROM t", ", t{0}", "" },
        { "SELECT 1; ", "SELECT {0}; ", "" },
        { "CREATE TABLE t (a int", ", c{0} int NOT NULL DEFAULT {0}", ")" },
        { "UPDATE t SET a = 0", ", c{0} = {0}", "" },
        { "DROP TABLE t", ", t{0}", "" },
        { "ALTER TABLE t ADD a int", ", ADD c{0} int", "" },
        { "WITH a AS (SELECT 1)", ", b{0} AS (SELECT 1)", " SELECT 1" },
    };

    [Theory]
    [MemberData(nameof(Chains))]
    public void Long_lists_and_chains_are_taken(string head, string item, string tail) => SmallStack.Run(StackBytes, () =>
    {
        var items = Enumerable.Range(1, Long).Select(i => item.Replace("{0}", i.ToString(), StringComparison.Ordinal));
        var nodes = Parser.Parse(head + string.Concat(items) + tail);
        var again = Parser.Parse(string.Join(";", nodes.Select(Writer.Write)));
        Assert.True(nodes.SequenceEqual(again));
    });

    private static string? StateOf(string sql)
    {
        try
        {
            Parser.Parse(sql);
            return null;
        }
        catch (DialectException e)
        {
            return e.SqlState;
        }
    }
}
