using System.Runtime.ExceptionServices;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests;

/// <summary>Texts that nest without end, on a stack on which any recursion by them would end the process.</summary>
public class DepthTests
{
    private const int Levels = 100_000;
    private const int StackBytes = 256 << 10;

    /// <summary>What opens a level, what stands within, what closes it.</summary>
    public static TheoryData<string, string, string> Nests => new()
    {
        { "PREPARE a AS ", "SELECT 1", "" },
        { "EXPLAIN ", "SELECT 1", "" },
        { "COPY (", "SELECT 1", ") TO STDOUT" },
        { "DECLARE c CURSOR FOR ", "SELECT 1", "" },
        { "SELECT (", "1", ")" },
        { "(", "SELECT 1", ")" },
        { "VALUES (", "1", ")" },
        { "SELECT * FROM (", "SELECT 1", ")" },
        { "WITH a AS (", "SELECT 1", ") SELECT 1" },
        { "EXECUTE p(", "1", ")" },
        { "SELECT CASE WHEN ", "1", " THEN 1 END" },
        { "SELECT 1 + CASE ", "1", " END" },
        { "SELECT NOT ", "1", "" },
        { "SELECT - ", "1", "" },
        { "SELECT CAST(", "1", " AS int)" },
        { "SELECT f(", "1", ")" },
        { "SELECT a[", "1", "]" },
        { "SELECT = [a", "", "" },
        { "SELECT $1::", "int", "" },
        { "/*", " SELECT 1 ", "*/" },
        { "/* rqlite: /*", "", "*/" },
        { "SELECT 1 UNION ", "SELECT 1", "" },
        { "COPY t TO STDOUT (", "FORMAT csv", ")" },
        { "COPY t (", "a", ") TO STDOUT" },
        { "CREATE SEQUENCE s ", "", "" },
        { "CREATE TRIGGER r AFTER INSERT ON t BEGIN ", "SELECT 1;", " END" },
        { "CREATE FUNCTION f() BEGIN ATOMIC ", "SELECT 1;", " END" },
        { "CREATE TABLE t (", "a", ")" },
        { "SET x = ", "1", "" },
        { "SET x TO a, ", "1", "" },
        { "PREPARE p(int, ", "int", ") AS SELECT 1" },
        { "SAVEPOINT a; ", "", "" },
        { "BEGIN ", "", "" },
        { "LISTEN ", "a", "" },
        { "LOCK TABLE a, ", "a", "" },
        { "SELECT 1 FOR UPDATE OF a, ", "b", "" },
        { "SELECT X'", "", "'" },
        { "SELECT 'a'\n", "", "" },
        { "SELECT $x$", "", "$x$" },
    };

    [Theory]
    [MemberData(nameof(Nests))]
    public void No_text_nests_deeper_than_the_stack(string open, string inner, string close)
    {
        var verb = open[..(open.LastIndexOf(' ', Math.Max(0, open.Length - 2)) + 1)];
        var deep = string.Concat(Enumerable.Repeat(open, Levels)) + inner + string.Concat(Enumerable.Repeat(close, Levels));
        var inOne = verb + string.Concat(Enumerable.Repeat(open[verb.Length..], Levels)) + inner + string.Concat(Enumerable.Repeat(close, Levels));
        SmallStack.Run(StackBytes, () =>
        {
            Read(deep);
            Read(inOne);
            _ = TypeNames.TryParse(deep, out _);
            _ = AnnouncedTypes.OfColumn(deep);
        });
    }

    [Theory]
    [InlineData("SELECT ", "(", "1", ")")]
    [InlineData("EXECUTE p(", "(", "1", ")")]
    [InlineData("COPY ", "(", "SELECT 1", ") TO STDOUT")]
    public void Parentheses_beyond_the_limit_are_54001(string head, string open, string inner, string close)
    {
        var text = head + new string(open[0], Levels) + inner + string.Concat(Enumerable.Repeat(close, Levels));
        var exception = Assert.Throws<DialectException>(() => SqlParser.Parse(text));
        Assert.Equal("54001", exception.SqlState);
        Assert.Equal("stack depth limit exceeded", exception.Message);
        Assert.NotNull(exception.Hint);
    }

    [Theory]
    [InlineData("PREPARE a AS PREPARE b AS SELECT 1", 14)]
    [InlineData("PREPARE a AS COPY (SELECT 1) TO STDOUT", 14)]
    [InlineData("PREPARE a AS EXECUTE b", 14)]
    [InlineData("COPY (PREPARE a AS SELECT 1) TO STDOUT", 7)]
    [InlineData("COPY (COPY (SELECT 1) TO STDOUT) TO STDOUT", 7)]
    [InlineData("COPY (SET x = 1) TO STDOUT", 7)]
    public void A_statement_that_holds_another_one_stands_in_none(string sql, int position)
    {
        var exception = Assert.Throws<DialectException>(() => SqlParser.Parse(sql));
        Assert.Equal("42601", exception.SqlState);
        Assert.Equal(position, exception.Position);
    }

    private static void Read(string sql)
    {
        try
        {
            foreach (var statement in SqlParser.Parse(sql))
            {
                _ = statement.ColumnHints;
                _ = statement.DrawnSequence();
            }
        }
        catch (DialectException)
        {
            // To be refused is an answer.
        }
    }
}
