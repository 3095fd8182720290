using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

public class DecisionTests
{
    [Fact]
    public void Statements_are_taken_and_refused_as_PostgreSQL_15_does()
    {
        var wrong = new List<string>();
        foreach (var decision in TestData.Decisions)
        {
            var got = new TestData.Decision(decision.Sql, null, null, 0);
            try
            {
                Parser.Parse(decision.Sql);
            }
            catch (DialectException e)
            {
                got = new TestData.Decision(decision.Sql, e.SqlState, e.Message, e.Position);
            }

            if (got != decision)
            {
                wrong.Add($"{decision}\n  but {got}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.InRange(TestData.Decisions.Count(d => d.Message is not null), 200, 1000);
        Assert.InRange(TestData.Decisions.Count(d => d.Message is null), 200, 1000);
    }
}
