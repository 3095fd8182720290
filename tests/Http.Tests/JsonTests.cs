using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Http.Tests;

public sealed class JsonTests
{
    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(2.0, "2")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e-6, "0.000001")]
    [InlineData(1.5e-5, "0.000015")]
    [InlineData(9.99e-7, "9.99e-7")]
    [InlineData(-1e-7, "-1e-7")]
    [InlineData(1e-10, "1e-10")]
    [InlineData(1e15, "1000000000000000")]
    [InlineData(123456789012345680, "123456789012345680")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(-1.25e21, "-1.25e+21")]
    [InlineData(1.7976931348623157e308, "1.7976931348623157e+308")]
    [InlineData(5e-324, "5e-324")]
    [InlineData(3.141592653589793, "3.141592653589793")]
    [InlineData(999999999999999.9, "999999999999999.9")]
    [InlineData(1234567890123456.8, "1234567890123456.8")]
    public void Reals_are_written_as_Go_writes_them(double value, string expected)
    {
        Span<byte> output = stackalloc byte[GoNumber.LengthMax];
        Assert.Equal(expected, Encoding.ASCII.GetString(output[..GoNumber.Format(value, output)]));
    }

    [Fact]
    public void Reals_read_back_equal()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        Span<byte> output = stackalloc byte[GoNumber.LengthMax];
        for (var run = 0; run < 100_000; run++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (double.IsFinite(value))
            {
                var text = Encoding.ASCII.GetString(output[..GoNumber.Format(value, output)]);
                Assert.True(double.Parse(text) == value, $"seed {seed}: {value:R} became {text}");
            }
        }
    }

    [Theory]
    [InlineData("2004-02-14", "2004-02-14T00:00:00Z")]
    [InlineData("2004-02-14 07:15", "2004-02-14T07:15:00Z")]
    [InlineData("2004-02-14 07:15:16", "2004-02-14T07:15:16Z")]
    [InlineData("2004-02-14T07:15:16Z", "2004-02-14T07:15:16Z")]
    [InlineData("2004-02-14 07:15:16.120", "2004-02-14T07:15:16.12Z")]
    [InlineData("2004-02-14 07:15:16.000", "2004-02-14T07:15:16Z")]
    [InlineData("2004-02-14T07:15:16.123456789+05:30", "2004-02-14T07:15:16.123456789+05:30")]
    [InlineData("2004-02-14 07:15:16-08:00", "2004-02-14T07:15:16-08:00")]
    [InlineData("2004-02-14 07:15:16+00:00", "2004-02-14T07:15:16Z")]
    [InlineData("2004-02-29", "2004-02-29T00:00:00Z")]
    [InlineData("2003-02-29", null)]
    [InlineData("2004-13-01", null)]
    [InlineData("2004-02-14 24:00", null)]
    [InlineData("2004-02-14 07:15:", null)]
    [InlineData("2004-02-14 07:15:16.", null)]
    [InlineData("2004-02-14 07:15:16 ", null)]
    [InlineData("2004-02-14x", null)]
    [InlineData("now", null)]
    [InlineData("", null)]
    public void Times_are_rendered_by_RFC_3339_or_left_alone(string text, string? expected)
    {
        Span<byte> output = stackalloc byte[GoTime.LengthMax];
        var rendered = GoTime.TryFormat(Encoding.UTF8.GetBytes(text), output, out var length);
        Assert.Equal(expected, rendered ? Encoding.ASCII.GetString(output[..length]) : null);
    }

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00Z")]
    [InlineData(1_000_000_000_000, null)]
    [InlineData(1_700_000_000, "2023-11-14T22:13:20Z")]
    [InlineData(1_700_000_000_123, "2023-11-14T22:13:20.123Z")]
    [InlineData(-1, "1969-12-31T23:59:59Z")]
    [InlineData(long.MaxValue, null)]
    [InlineData(long.MinValue, null)]
    [InlineData(-1_000_000_000_001, "1938-04-24T22:13:19.999Z")]
    public void Numbers_in_columns_of_time_are_seconds_or_milliseconds(long value, string? expected)
    {
        Span<byte> output = stackalloc byte[GoTime.LengthMax];
        var rendered = GoTime.TryFormat(value, output, out var length);
        Assert.Equal(expected, rendered ? Encoding.ASCII.GetString(output[..length]) : null);
    }

    [Fact]
    public void Strings_are_escaped_as_Go_escapes_them()
    {
        Assert.Equal("""["\"\\\b\f\n\r\t\u0000\u001f","\u003ca\u003e\u0026","é€😀\u2028\u2029‧‪'"]""", Written(json =>
        {
            json.BeginArray();
            json.String("\"\\\b\f\n\r\t\0\x1f");
            json.String("<a>&");
            json.String("é€😀\u2028\u2029\u2027\u202A'");
            json.EndArray();
        }));
        Assert.Equal("\"\x7f\"", Written(json => json.String("\x7f")));
        Assert.Equal("""  "a\ufffd\ufffdé\ufffd"  """.Trim(), Written(json => json.String([(byte)'a', 0xFF, 0xC3, 0xC3, 0xA9, 0xE2])));
        Assert.Equal("""  "\ufffd\u003c\ufffd\ufffd"  """.Trim(), Written(json => json.String([0x80, (byte)'<', 0xE2, 0x80])));
    }

    [Fact]
    public void Indentation_is_that_of_Go()
    {
        var written = Written(pretty: true, write: json =>
        {
            json.BeginObject();
            json.Name("a"u8);
            json.BeginArray();
            json.Integer(1);
            json.BeginArray();
            json.EndArray();
            json.BeginObject();
            json.EndObject();
            json.EndArray();
            json.Name("b");
            json.Null();
            json.EndObject();
        });
        Assert.Equal("{\n    \"a\": [\n        1,\n        [],\n        {}\n    ],\n    \"b\": null\n}", written);
    }

    [Fact]
    public void Any_bytes_give_JSON_that_can_be_read()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var run = 0; run < 5_000; run++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0)
            {
                bytes.AsSpan().Replace((byte)0x41, (byte)0xE2);
            }

            var text = Written(json => json.String(bytes));
            using var document = JsonDocument.Parse(text);
            Assert.True(document.RootElement.ValueKind == JsonValueKind.String, $"seed {seed}");
        }
    }

    private static string Written(Action<JsonWriter> write, bool pretty = false)
    {
        using var json = new JsonWriter(pretty);
        write(json);
        return Encoding.UTF8.GetString(json.Written.Span);
    }
}
