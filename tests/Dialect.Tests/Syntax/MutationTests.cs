using System.Text;
using Rqlite.Pg.Dialect.Syntax;

namespace Rqlite.Pg.Dialect.Tests.Syntax;

/// <summary>Damaged statements; PARSER_MUTATIONS says how many, PARSER_SEED repeats a run.</summary>
public class MutationTests
{
    private const string Damage = "';\"$()[]{}\\/*-+@#?:.,=<>\0é\ud83d%^&|~!`_1aE \n";

    [Fact]
    public void Damaged_statements_give_nodes_or_an_error_within_the_text()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PARSER_MUTATIONS"), out var wanted) ? wanted : 20_000;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("PARSER_SEED"), out var given) ? given : Environment.TickCount;
        var random = new Random(seed);
        var texts = TestData.Corpus.Concat(TestData.Decisions.Select(d => d.Sql)).Where(t => t.Length < 4000).ToArray();
        var taken = 0;
        for (var i = 0; i < count; i++)
        {
            var sql = Mutate(texts[random.Next(texts.Length)], texts, random);
            try
            {
                var nodes = Parser.Parse(sql);
                var again = Parser.Parse(string.Join(";\n", nodes.Select(Writer.Write)));
                Assert.True(nodes.SequenceEqual(again), $"seed {seed}: {sql}");
                taken++;
            }
            catch (DialectException e)
            {
                Assert.True(e.SqlState.Length == 5 && e.Position >= 0 && e.Position <= sql.Length + 1, $"seed {seed}: {sql}\n{e}");
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {sql}\n{e}");
            }
        }

        Assert.InRange(taken, count / 50, count - (count / 50));
    }

    private static string Mutate(string sql, string[] texts, Random random)
    {
        var tokens = Cut(sql);
        for (var changes = random.Next(1, 4); changes > 0 && tokens.Count > 1; changes--)
        {
            var at = random.Next(tokens.Count);
            switch (random.Next(6))
            {
                case 0:
                    tokens.RemoveAt(at);
                    break;
                case 1:
                    tokens.Insert(at, tokens[at]);
                    break;
                case 2:
                    var other = random.Next(tokens.Count);
                    (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                    break;
                case 3:
                    var foreign = Cut(texts[random.Next(texts.Length)]);
                    tokens[at] = foreign[random.Next(foreign.Count)];
                    break;
                case 4:
                    tokens.RemoveRange(at, tokens.Count - at);
                    break;
                default:
                    var text = new StringBuilder(tokens[at]);
                    text.Insert(random.Next(text.Length + 1), Damage[random.Next(Damage.Length)]);
                    tokens[at] = text.ToString();
                    break;
            }
        }

        return string.Join(random.Next(8) == 0 ? "" : " ", tokens);
    }

    private static List<string> Cut(string sql)
    {
        var tokens = new List<string>();
        try
        {
            var lexer = new Lexer(sql);
            for (var token = lexer.ReadPostgres(); token.Kind != TokenKind.End; token = lexer.ReadPostgres())
            {
                tokens.Add(sql[token.Start..token.End]);
            }
        }
        catch (DialectException)
        {
            tokens.Add(sql);
        }

        return tokens.Count == 0 ? [sql] : tokens;
    }
}
