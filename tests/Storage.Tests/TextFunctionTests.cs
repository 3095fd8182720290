using System.Text;
using SQLitePCL;

namespace Rqlite.Pg.Storage.Tests;

public class TextFunctionTests
{
    [Fact]
    public Task Instr_and_replace_answer_as_sqlites_own() => CompareAsync(3000, (random, i) => i % 2 == 0
        ? $"SELECT instr({Value(random)}, {Value(random)})"
        : Whole($"replace({Value(random)}, {Value(random)}, {Value(random)})"));

    [Fact]
    public Task The_trim_family_unhex_and_json_patch_answer_as_sqlites_own() => CompareAsync(4000, (random, _) => Whole(random.Next(8) switch
    {
        0 => $"trim({Value(random)})",
        1 => $"rtrim({Value(random)})",
        2 => $"unhex({Digits(random)}, {Value(random)})",
        3 => $"{(random.Next(2) == 0 ? "json" : "jsonb")}_patch({Json(random)}, {Json(random)})",
        4 => $"json_array(json_patch({Json(random)}, {Json(random)}))",
        5 => $"ltrim({Value(random)}, {Value(random)})",
        6 => $"rtrim({Value(random)}, {Value(random)})",
        _ => $"trim({Value(random)}, {Value(random)})",
    }));

    [Theory]
    [InlineData("length(trim(hex(zeroblob(1500000)), replace(hex(zeroblob(1500000)), '0', '1') || '0'))", "0", null)]
    [InlineData("length(ltrim(hex(zeroblob(1500000)) || 'x', replace(hex(zeroblob(1500000)), '0', 'é') || '0'))", "1", null)]
    [InlineData("length(rtrim('x' || hex(zeroblob(1500000)), replace(hex(zeroblob(1500000)), '0', 'é') || '0'))", "1", null)]
    [InlineData("unhex(hex(zeroblob(1500000)), replace(hex(zeroblob(1500000)), '0', '-'))",
        "the second argument of unhex() is longer than 1000 bytes", "54000")]
    [InlineData("trim('x', CAST(x'c380808080' AS TEXT))", "the characters to be trimmed are not UTF-8", "22021")]
    public async Task Arguments_that_sqlite_multiplies_are_answered_at_once(string call, string answer, string? state)
    {
        answer = state is null ? answer : $"{state}: {answer}";
        await using var db = new TestDatabase();
        Assert.Equal(answer, await db.QueryAsync("SELECT " + call));
        Assert.Equal([answer], await db.ApplyAsync("SELECT " + call));
    }

    [Fact]
    public async Task A_patch_of_a_large_document_by_a_large_one_is_refused()
    {
        var refused = $"54000: json_patch(): the members of the patch times the bytes of both arguments are more than 4294967296";
        const string Sql = "SELECT length(json_patch(json_group_object('k' || value, 1), json_group_object('x' || value, 1))) FROM ("
            + "WITH RECURSIVE c(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM c LIMIT 60000) SELECT value FROM c)";
        await using var db = new TestDatabase();
        Assert.Equal(refused, await db.QueryAsync(Sql));
        Assert.Equal([refused], await db.ApplyAsync(Sql));
        Assert.Equal("17787", await db.QueryAsync(Sql.Replace("60000", "1000")));
    }

    [Fact]
    public void The_two_way_search_finds_what_the_plain_search_finds()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var letters = random.Next(1, 4);
            var haystack = Bytes(random, random.Next(0, 400), letters);
            var needle = random.Next(2) == 0 || haystack.Length < 40
                ? Bytes(random, random.Next(33, 80), letters)
                : haystack.AsSpan(random.Next(haystack.Length - 35), 35).ToArray();
            Assert.True(haystack.AsSpan().IndexOf(needle) == TextSearch.IndexOf(haystack, needle), $"seed {seed}, round {i}");
        }
    }

    /// <summary>Asks the database and a SQLite without functions of ours the same.</summary>
    private static async Task CompareAsync(int rounds, Func<Random, int, string> statement)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        Batteries_V2.Init();
        Assert.Equal(0, raw.sqlite3_open(":memory:", out var plain));
        using (plain)
        {
            await using var db = new TestDatabase();
            for (var i = 0; i < rounds; i++)
            {
                var sql = statement(random, i);
                var (expected, answer) = (Plain(plain, sql), await QueryAsync(db, sql));
                Assert.True(expected == answer, $"seed {seed}: {sql}: {expected}, not {answer}");
            }
        }
    }

    private static string Whole(string call) => $"SELECT x, typeof(x), length(x), hex(x) FROM (SELECT {call} AS x)";

    private static async Task<string> QueryAsync(TestDatabase db, string sql)
    {
        var answer = await db.QueryAsync(sql);
        return answer.StartsWith("1: ", StringComparison.Ordinal) ? "error: " + answer[3..] : answer;
    }

    private static string Digits(Random random) => random.Next(3) switch
    {
        0 => Value(random),
        1 => "'1a-1b é'",
        _ => "'aé1é'",
    };

    private static string Json(Random random) => random.Next(9) switch
    {
        0 => "NULL",
        1 => "5",
        2 => "'{'",
        3 => "jsonb('{\"a\":{\"b\":1},\"c\":[1,2]}')",
        4 => "'{\"a\":{\"b\":null,\"d\":2.50},\"c\":null}'",
        5 => "'{a:{b:7,e:\"x\"},c:3}'",
        6 => "'[1,2]'",
        7 => "1.5",
        _ => "json('{\"a\":1,\"z\":{}}')",
    };

    private static byte[] Bytes(Random random, int length, int letters)
    {
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)('a' + random.Next(letters));
        }

        return bytes;
    }

    private static string Value(Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                return "NULL";
            case 1:
                return random.Next(-20, 120).ToString();
            case 2:
                return (random.Next(100) / 8.0).ToString(System.Globalization.CultureInfo.InvariantCulture);
            case 3:
            case 4:
                var blob = new byte[random.Next(5)];
                for (var i = 0; i < blob.Length; i++)
                {
                    blob[i] = random.Next(3) switch { 0 => (byte)'1', 1 => 0x80, _ => 0xc3 };
                }

                return random.Next(2) == 0 ? $"x'{Convert.ToHexString(blob)}'" : $"CAST(x'{Convert.ToHexString(blob)}' AS TEXT)";
            default:
                var text = new StringBuilder();
                for (var length = random.Next(6); length > 0; length--)
                {
                    text.Append("1aé€𐍈"[random.Next(4)]);
                }

                return $"'{text}'";
        }
    }

    private static string Plain(sqlite3 db, string sql)
    {
        Assert.Equal(0, raw.sqlite3_prepare_v2(db, sql, out var statement));
        using (statement)
        {
            if (raw.sqlite3_step(statement) != raw.SQLITE_ROW)
            {
                return "error: " + raw.sqlite3_errmsg(db).utf8_to_string();
            }

            var values = new List<string>();
            for (var i = 0; i < raw.sqlite3_column_count(statement); i++)
            {
                values.Add(raw.sqlite3_column_type(statement, i) switch
                {
                    5 => "NULL",
                    4 => "x'" + Convert.ToHexString(raw.sqlite3_column_blob(statement, i)) + "'",
                    _ => raw.sqlite3_column_text(statement, i).utf8_to_string(),
                });
            }

            return string.Join('|', values);
        }
    }
}
