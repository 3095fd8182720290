using System.Text;
using SQLitePCL;

namespace Rqlite.Pg.Storage.Tests;

public class TextFunctionTests
{
    [Fact]
    public async Task Instr_and_replace_answer_as_sqlites_own()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        Batteries_V2.Init();
        Assert.Equal(0, raw.sqlite3_open(":memory:", out var plain));
        using (plain)
        {
            await using var db = new TestDatabase();
            for (var i = 0; i < 3000; i++)
            {
                var sql = i % 2 == 0
                    ? $"SELECT instr({Value(random)}, {Value(random)})"
                    : $"SELECT x, typeof(x), length(x), hex(x) FROM (SELECT replace({Value(random)}, {Value(random)}, {Value(random)}) AS x)";
                Assert.True(Plain(plain, sql) == await db.QueryAsync(sql), $"seed {seed}: {sql}: {Plain(plain, sql)}");
            }
        }
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
            Assert.Equal(100, raw.sqlite3_step(statement));
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
