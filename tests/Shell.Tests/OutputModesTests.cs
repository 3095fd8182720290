namespace Rqlite.Pg.Shell.Tests;

public sealed class OutputModesTests
{
    private const string Answer = """
        {"results":[{"columns":["id","näme"],"types":["integer","text"],"values":[[1,"fiona"],[2.50,null],[true,"a|\"b\",\nc"],[-9223372036854775808,"日本\t\u001b[31m"]]}]}
        """;

    [Theory]
    [InlineData("csv", "id,näme\r\n1,fiona\r\n2.50,NULL\r\ntrue,\"a|\"\"b\"\",\nc\"\r\n-9223372036854775808,日本\t\u001b[31m\r\n")]
    [InlineData("json", """
        [{"id":1,"näme":"fiona"},
        {"id":2.50,"näme":null},
        {"id":true,"näme":"a|\"b\",\nc"},
        {"id":-9223372036854775808,"näme":"日本\t\u001b[31m"}]

        """)]
    [InlineData("line", "  id = 1\nnäme = fiona\n\n  id = 2.50\nnäme = NULL\n\n  id = true\nnäme = a|\"b\",\nc\n\n  id = -9223372036854775808\nnäme = 日本\t\u001b[31m\n")]
    [InlineData("table", """
        +----------------------+------------------+
        | id                   | näme             |
        +----------------------+------------------+
        | 1                    | fiona            |
        | 2.50                 | NULL             |
        | true                 | a|"b",           |
        |                      | c                |
        | -9223372036854775808 | 日本    \x1b[31m |
        +----------------------+------------------+

        """)]
    [InlineData("markdown", """
        | id                   | näme             |
        |----------------------|------------------|
        | 1                    | fiona            |
        | 2.50                 | NULL             |
        | true                 | a\|"b",<br>c     |
        | -9223372036854775808 | 日本    \x1b[31m |

        """)]
    [InlineData("box", """
        ┌──────────────────────┬──────────────────┐
        │ id                   │ näme             │
        ├──────────────────────┼──────────────────┤
        │ 1                    │ fiona            │
        │ 2.50                 │ NULL             │
        │ true                 │ a|"b",           │
        │                      │ c                │
        │ -9223372036854775808 │ 日本    \x1b[31m │
        └──────────────────────┴──────────────────┘

        """)]
    public void Rows_are_printed(string mode, string expected) => Assert.Equal(expected, Print(mode, Answer));

    [Fact]
    public void The_default_draws_a_line_behind_each_row() => Assert.Equal(
        """
        +---+---+
        | a | b |
        +---+---+
        | 1 | x |
        +---+---+
        | 2 | y |
        +---+---+

        """,
        Print("column", """{"results":[{"columns":["a","b"],"types":["",""],"values":[[1,"x"],[2,"y"]]}]}"""));

    [Theory]
    [InlineData("column", "+---+\n| a |\n+---+\n")]
    [InlineData("table", "+---+\n| a |\n+---+\n")]
    [InlineData("box", "┌───┐\n│ a │\n├───┤\n└───┘\n")]
    [InlineData("markdown", "| a |\n|---|\n")]
    [InlineData("csv", "a\r\n")]
    [InlineData("json", "[]\n")]
    [InlineData("line", "")]
    public void No_rows(string mode, string expected) => Assert.Equal(expected, Print(mode, """{"results":[{"columns":["a"],"types":["integer"]}]}"""));

    [Fact]
    public void Answers_are_read_or_refused()
    {
        Assert.Equal("no such table: t", Assert.Single(ResultSet.Read("""{"results":[{"error":"no such table: t"}]}""")).Error);
        Assert.Equal((3, 7L), (Assert.Single(ResultSet.Read("""{"results":[{"last_insert_id":7,"rows_affected":3}]}""")) is { } r ? (r.RowsAffected, r.LastInsertId!.Value) : default));
        Assert.Equal([null, "late"], ResultSet.Read("""{"results":[{}],"error":"late"}""").Select(result => result.Error));
        Assert.Equal("not leader", Assert.Throws<ShellException>(() => ResultSet.Read("""{"error":"not leader"}""")).Message);
        foreach (var garbage in new[] { "", "x", "[]", "{}", """{"results":1}""", """{"results":[1]}""", """{"results":[{"columns":1}]}""" })
        {
            Assert.Throws<ShellException>(() => ResultSet.Read(garbage));
        }
    }

    private static string Print(string mode, string answer)
    {
        using var writer = new StringWriter { NewLine = "\n" };
        OutputModes.All[mode](writer, Assert.Single(ResultSet.Read(answer)));
        return writer.ToString();
    }
}
