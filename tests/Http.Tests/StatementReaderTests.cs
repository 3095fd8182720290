using System.Text;

namespace Rqlite.Pg.Http.Tests;

public sealed class StatementReaderTests
{
    public static TheoryData<string, string> Accepted => new()
    {
        { """["SELECT 1"]""", "SELECT 1" },
        { """ [ "a" , ["b"] ,["c", 1] ] """, "a; b; c | 1" },
        { """[["i", 1, -9223372036854775808, 9223372036854775807, -0]]""", "i | 1 | -9223372036854775808 | 9223372036854775807 | 0" },
        { """[["r", 1.0, 1e3, 9223372036854775808, 2.5e-7]]""", "r | real 1 | real 1000 | real 9.223372036854776E+18 | real 2.5E-07" },
        { """[["b", true, false, null]]""", "b | 1 | 0 | null" },
        { """[["t", "", "x", "\u00fc\ud83d\ude00\n\"", "ü😀"]]""", "t | '' | 'x' | 'ü😀\n\"' | 'ü😀'" },
        { """[["a", [], [0], [1,2,255]]]""", "a | x'' | x'00' | x'0102ff'" },
        { """[["x", "x'00fF'", "X'AB'", " x'01' ", "x''", "x'0'", "x'0g'", "x'00", "x"]]""",
            "x | x'00ff' | x'ab' | x'01' | x'' | 'x'0'' | 'x'0g'' | 'x'00' | 'x'" },
        { """[["n", {"a": 1, "b": "x", "c": [7], "d": null, "_e": 2.5}]]""", "n | a=1 | b='x' | c=x'07' | d=null | _e=real 2.5" },
        { """[["m", 1, {"a": 2}, 3, {"a": 4}, {}]]""", "m | 1 | a=2 | 3 | a=4" },
        { """["", "a", [""], ["", 1]]""", "a" },
    };

    public static TheoryData<string, string> Refused => new()
    {
        { "", "invalid JSON body" },
        { " ", "invalid JSON body" },
        { "[", "invalid JSON body" },
        { """["SELECT 1" """, "invalid JSON body" },
        { """["SELECT 1"]]""", "invalid JSON body" },
        { """["SELECT 1"] x""", "invalid JSON body" },
        { """["a",]""", "invalid JSON body" },
        { """["a" "b"]""", "invalid JSON body" },
        { """['a']""", "invalid JSON body" },
        { "[\"a\nb\"]", "invalid JSON body" },
        { """["\ud800"]""", "invalid JSON body" },
        { """["\x"]""", "invalid JSON body" },
        { "SELECT 1", "invalid JSON body" },
        { "\uFEFF[\"a\"]", "invalid JSON body" },
        { "[]", "no statements" },
        { "[[]]", "invalid request" },
        { "{}", "invalid request" },
        { """{"a": ["b"]}""", "invalid request" },
        { "\"SELECT 1\"", "invalid request" },
        { "null", "invalid request" },
        { "12", "invalid request" },
        { "[1]", "invalid request" },
        { "[null]", "invalid request" },
        { "[{}]", "invalid request" },
        { "[[1]]", "invalid request" },
        { """[[["a"]]]""", "invalid request" },
        { """[["a", [256]]]""", "unsupported type []interface {}" },
        { """[["a", [-1]]]""", "unsupported type []interface {}" },
        { """[["a", [1.5]]]""", "unsupported type []interface {}" },
        { """[["a", ["b"]]]""", "unsupported type []interface {}" },
        { """[["a", [[]]]]""", "unsupported type []interface {}" },
        { """[["a", {"b": {}}]]""", "unsupported type map[string]interface {}" },
        { """[["a", 1e999]]""", "invalid number 1e999" },
        { """[["a", -1e999]]""", "invalid number -1e999" },
        { """[["a", {":n": 1}]]""", "parameter name \":n\" does not begin with a letter" },
        { """[["a", {"": 1}]]""", "parameter name \"\" does not begin with a letter" },
        { """[["a", {"n": 1, "\u006e": 2}]]""", "duplicate parameter name \"n\"" },
        { """["a\u0000b"]""", "SQL contains a NUL character" },
    };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Statements_are_read_however_the_body_is_cut(string body, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var pieceLength in new[] { int.MaxValue, 1, 2, 3, 7 })
        {
            Assert.Equal(expected, Statements.Show(Statements.Read(bytes, pieceLength)));
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Bad_bodies_are_refused_however_they_are_cut(string body, string message)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        foreach (var pieceLength in new[] { int.MaxValue, 1, 2, 3, 7 })
        {
            var exception = Assert.Throws<RequestException>(() => Statements.Read(bytes, pieceLength));
            Assert.Equal((400, message), (exception.StatusCode, exception.Message));
        }
    }

    [Fact]
    public void Invalid_UTF8_is_refused_in_SQL_and_in_texts()
    {
        foreach (var body in new[] { "[\"a?\"]", "[[\"a\", \"?\"]]", "[[\"a\", {\"?\": 1}]]", "[[\"a\", \"\\n?\"]]" })
        {
            var bytes = Encoding.ASCII.GetBytes(body);
            bytes[body.IndexOf('?', StringComparison.Ordinal)] = 0xFF;
            Assert.Equal("invalid JSON body", Assert.Throws<RequestException>(() => Statements.Read(bytes)).Message);
            Assert.Equal("invalid JSON body", Assert.Throws<RequestException>(() => Statements.Read(bytes, 1)).Message);
        }
    }

    [Fact]
    public void Deep_nesting_is_refused_at_once()
    {
        foreach (var head in new[] { "", "[[\"a\",", "[[\"a\", {\"b\": " })
        {
            var body = head + new string('[', 1_000_000);
            Assert.Equal(400, Assert.Throws<RequestException>(() => Statements.Read(Encoding.ASCII.GetBytes(body))).StatusCode);
        }
    }

    [Fact]
    public void Too_many_statements_or_parameters_are_refused()
    {
        var statements = "[" + string.Join(',', Enumerable.Repeat("\"x\"", 1001)) + "]";
        Assert.Equal(413, Assert.Throws<RequestException>(() => Statements.Read(Encoding.ASCII.GetBytes(statements))).StatusCode);
        var parameters = "[[\"x\"" + string.Concat(Enumerable.Repeat(",1", 32_767)) + "]]";
        var exception = Assert.Throws<RequestException>(() => Statements.Read(Encoding.ASCII.GetBytes(parameters)));
        Assert.Equal("more than 32766 parameters for one statement", exception.Message);
    }

    [Fact]
    public void Large_statements_keep_their_bytes_apart()
    {
        var a = new string('a', 2_000_000);
        var b = new string('b', 2_000_000);
        var read = Statements.Read(Encoding.ASCII.GetBytes($"""[["x", "{a}\n"], ["y", "{b}\n"], "z"]"""), 100_000);
        Assert.Equal($"x | '{a}\n'; y | '{b}\n'; z", Statements.Show(read));
    }

    [Fact]
    public void A_short_request_costs_little_memory()
    {
        var body = """[["INSERT INTO city(name, pop) VALUES(?, ?)", "Turku", 195000]]"""u8.ToArray();
        var sequence = new System.Buffers.ReadOnlySequence<byte>(body);
        var least = long.MaxValue;
        for (var run = 0; run < 50; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            using var reader = new StatementReader(10);
            reader.Read(sequence, isFinal: true);
            Assert.Single(reader.Finish());
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 1, 1024);
    }

    [Fact]
    public void Nothing_but_its_own_error_comes_out_of_mutated_bodies()
    {
        var seed = Environment.GetEnvironmentVariable("HTTP_SEED") is { } text ? int.Parse(text) : Environment.TickCount;
        var random = new Random(seed);
        var samples = Accepted.Concat(Refused).Select(row => Encoding.UTF8.GetBytes((string)row[0])).ToArray();
        string[] tokens = ["[", "]", "{", "}", ",", ":", "\"", "\\", "\\u", "\\ud83d", "1e", "-", "null", "tru", "x'", "\0", " ", "9"];
        for (var run = 0; run < 20_000; run++)
        {
            var body = samples[random.Next(samples.Length)].ToList();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(body.Count + 1);
                switch (random.Next(4))
                {
                    case 0:
                        body.InsertRange(at, Encoding.ASCII.GetBytes(tokens[random.Next(tokens.Length)]));
                        break;
                    case 1:
                        body.Insert(at, (byte)random.Next(256));
                        break;
                    case 2 when at < body.Count:
                        body.RemoveRange(at, random.Next(1, Math.Min(4, body.Count - at) + 1));
                        break;
                    default:
                        body.InsertRange(at, samples[random.Next(samples.Length)]);
                        break;
                }
            }

            var bytes = body.ToArray();
            var whole = Outcome(bytes, int.MaxValue, seed);
            Assert.True(whole == Outcome(bytes, random.Next(1, 9), seed), $"Cut differently, read differently; HTTP_SEED={seed}, {Convert.ToHexString(bytes)}");
        }
    }

    private static string Outcome(byte[] body, int pieceLength, int seed)
    {
        try
        {
            return Statements.Show(Statements.Read(body, pieceLength));
        }
        catch (RequestException e)
        {
            return "refused with " + e.StatusCode;
        }
        catch (Exception e)
        {
            Assert.Fail($"HTTP_SEED={seed}, {Convert.ToHexString(body)}: {e}");
            throw;
        }
    }
}
