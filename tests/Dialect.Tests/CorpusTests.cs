namespace Rqlite.Pg.Dialect.Tests;

public class CorpusTests
{
    private const string Damage = "';\"$()[]{}\\/*-+@#?:.\0é\ud83d";

    private static IEnumerable<string> Statements()
    {
        using var reader = new StreamReader(typeof(CorpusTests).Assembly.GetManifestResourceStream("statements.sql")!);
        foreach (var block in reader.ReadToEnd().Split("\n;\n"))
        {
            var text = block.TrimStart('\n');
            var line = text.IndexOf('\n', StringComparison.Ordinal);
            if (line > 0)
            {
                yield return text[(line + 1)..];
            }
        }
    }

    [Fact]
    public void Every_statement_that_clients_send_is_read_as_one_statement()
    {
        var wrong = new List<string>();
        foreach (var text in Statements())
        {
            try
            {
                var parsed = SqlParser.Parse(text + ";");
                if (parsed.Count != 1 || parsed[0].CommandTag.Length == 0)
                {
                    wrong.Add($"{parsed.Count} statements: {text}");
                }
                else
                {
                    _ = parsed[0].ColumnHints;
                }
            }
            catch (DialectException e)
            {
                wrong.Add($"{e.Message} at {e.Position}: {text}");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count}\n{string.Join("\n--\n", wrong.Take(20))}");
    }

    [Fact]
    public void Statements_put_together_are_split_where_they_met()
    {
        var texts = Statements().ToArray();
        var parsed = SqlParser.Parse(string.Join("\n;\n", texts));
        Assert.Equal(texts.Length, parsed.Count);
    }

    [Fact]
    public void Damaged_statements_give_a_result_or_a_PostgreSQL_error()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var texts = Statements().ToArray();
        for (var i = 0; i < 3000; i++)
        {
            var text = new System.Text.StringBuilder(texts[random.Next(texts.Length)]);
            for (var changes = random.Next(1, 6); changes > 0 && text.Length > 1; changes--)
            {
                var at = random.Next(text.Length);
                switch (random.Next(3))
                {
                    case 0:
                        text.Remove(at, Math.Min(random.Next(1, 10), text.Length - at));
                        break;
                    case 1:
                        text.Insert(at, Damage[random.Next(Damage.Length)]);
                        break;
                    default:
                        text.Insert(at, text.ToString(at, Math.Min(random.Next(1, 20), text.Length - at)));
                        break;
                }
            }

            try
            {
                foreach (var statement in SqlParser.Parse(text.ToString()))
                {
                    _ = statement.ColumnHints;
                    _ = statement.PositionOf(random.Next(100));
                }
            }
            catch (DialectException e)
            {
                Assert.Equal(5, e.SqlState.Length);
                Assert.InRange(e.Position, 0, text.Length + 1);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {text}\n{e}");
            }
        }
    }
}
