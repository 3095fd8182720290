using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

public class RoundTripTests
{
    // What PostgreSQL 15 refuses too: syntax of a later version, and ALL PRIVILEGES among others.
    private static bool MustFail(string sql) => sql.Contains("e IS JSON", StringComparison.Ordinal)
        || sql.Contains("), ALL PRIVILEGES ON", StringComparison.Ordinal);

    [Fact]
    public void What_clients_send_is_written_back_to_an_equal_tree()
    {
        var failed = 0;
        foreach (var sql in TestData.Corpus)
        {
            if (MustFail(sql))
            {
                Assert.Equal("42601", Assert.Throws<DialectException>(() => Parser.Parse(sql)).SqlState);
                failed++;
                continue;
            }

            AssertRoundTrip(sql);
        }

        Assert.Equal(2, failed);
    }

    [Fact]
    public void Odd_statements_are_written_back_to_an_equal_tree() =>
        Assert.All(TestData.Decisions.Where(d => d.Message is null), d => AssertRoundTrip(d.Sql));

    private static void AssertRoundTrip(string sql)
    {
        IReadOnlyList<Node> nodes;
        try
        {
            nodes = Parser.Parse(sql);
        }
        catch (DialectException e)
        {
            throw new InvalidOperationException($"{e.Message} at {e.Position}: {sql}", e);
        }

        var text = string.Join(";\n", nodes.Select(Writer.Write));
        IReadOnlyList<Node> again;
        try
        {
            again = Parser.Parse(text);
        }
        catch (DialectException e)
        {
            throw new InvalidOperationException($"{sql}\nwas written as\n{text}", e);
        }

        Assert.True(nodes.SequenceEqual(again), $"{sql}\nwas written as\n{text}");
        Assert.Equal(nodes.Select(n => n.GetHashCode()), again.Select(n => n.GetHashCode()));
        Assert.Equal(text, string.Join(";\n", again.Select(Writer.Write)));
    }
}
