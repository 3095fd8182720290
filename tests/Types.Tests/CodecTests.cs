using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

public sealed class CodecTests
{
    private static readonly string[] s_types =
    [
        "bool", "int2", "int4", "int8", "oid", "xid", "xid8", "float4", "float8", "numeric", "numeric(10,2)", "text", "varchar(5)", "char(5)",
        "name", "\"char\"", "bytea", "uuid",
        "date", "time", "time(2)", "timetz", "timestamp", "timestamp(0)", "timestamptz", "interval", "bit(3)", "bit varying(5)", "json", "jsonb",
        "inet", "cidr", "macaddr", "macaddr8", "pg_lsn",
        "tid", "int2vector", "oidvector", "int4range", "numrange", "daterange", "tsrange", "tstzrange", "int8multirange", "int4[]", "text[]",
        "numeric[]", "timestamptz[]", "bytea[]", "regclass",
        "regtype", "money", "xml", "point", "tsvector", "void",
    ];

    [Fact]
    public void What_text_gives_is_read_back_from_the_stored_form_and_from_the_binary_format()
    {
        var wrong = new List<string>();
        var checkedRows = 0;
        foreach (var family in new[] { "numeric", "numbers", "times", "intervals", "zones", "texts", "arrays", "json", "network", "ranges" })
        {
            var known = KnownDifferences.Of(family);
            var parsed = OracleRow.Read(family).Where(row => row.Operation.StartsWith("parse ", StringComparison.Ordinal) && row.Outcome[0] == '=');
            foreach (var row in parsed.Where(row => !known.Contains(row.Shown)))
            {
                var name = row.Operation["parse ".Length..];
                if (!TypeNames.TryParse(name is "char" or "bit" ? "pg_catalog." + name : name, out var type))
                {
                    wrong.Add($"{name} is no type");
                    continue;
                }

                try
                {
                    checkedRows++;
                    Check(row, type, wrong);
                }
                catch (TypeException e) when (e.Detail?.EndsWith("can be stored.", StringComparison.Ordinal) == true)
                {
                    // The stored form is narrower, and says so.
                }
                catch (TypeException e)
                {
                    wrong.Add($"{row.Shown}: {e.Message}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {checkedRows} differ:\n" + string.Join('\n', wrong.Take(40)));
        Assert.True(checkedRows > 10_000);
    }

    [Fact]
    public void Random_bytes_give_a_value_or_a_PostgreSQL_error()
    {
        var random = new Random(7);
        var values = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var data = new byte[random.Next(0, 28)];
            random.NextBytes(data);
            if (random.Next(2) == 0)
            {
                for (var j = 0; j < data.Length; j++)
                {
                    data[j] = "0123456789-+:. eETZP/{}[]\",()nul"u8[data[j] % 32];
                }
            }

            var name = s_types[random.Next(s_types.Length)];
            Assert.True(TypeNames.TryParse(name, out var type), name);
            var codec = Codec.For(type.Oid);
            var binary = random.Next(2) == 0;
            try
            {
                var stored = new StoredValue();
                if (binary)
                {
                    codec.ReadBinary(data, type, ValueContext.Default, stored);
                }
                else
                {
                    codec.ReadText(data, type, ValueContext.Default, stored);
                }

                var output = new ArrayBufferWriter<byte>();
                codec.WriteText(stored.Value, type, ValueContext.Default, output);
                codec.WriteBinary(stored.Value, type, ValueContext.Default, output);
                Assert.Equal(0, codec.Compare(stored.Value, stored.Value, type));
                values++;
            }
            catch (TypeException e)
            {
                Assert.Equal(5, e.SqlState.Length);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"round {i}: {name} {(binary ? "binary" : "text")} {Convert.ToHexString(data)}: {e}");
            }
        }

        Assert.True(values > 1000, $"only {values} values");
    }

    [Theory]
    [InlineData("int4", "000000", "08P01", "insufficient data left in message")]
    [InlineData("int4", "0000000000", "22P03", "incorrect binary data format")]
    [InlineData("int4", "0000000100000000", "22003", "integer out of range")]
    [InlineData("bool", "", "08P01", "insufficient data left in message")]
    [InlineData("float8", "00000000", "08P01", "insufficient data left in message")]
    [InlineData("uuid", "0011", "08P01", "insufficient data left in message")]
    [InlineData("date", "7fffffee", "22008", "date out of range")]
    [InlineData("timestamp", "7ffffffffffffffe", "22008", "timestamp out of range")]
    [InlineData("time", "ffffffffffffffff", "22008", "time out of range")]
    [InlineData("timetz", "00000000000000000000e100", "22009", "time zone displacement out of range")]
    [InlineData("numeric", "0001000012340000ffff", "22P03", "invalid sign in external \"numeric\" value")]
    [InlineData("numeric", "0001000000000000ffff", "22P03", "invalid digit in external \"numeric\" value")]
    [InlineData("numeric", "00010000000040000001", "22P03", "invalid scale in external \"numeric\" value")]
    [InlineData("numeric", "0002000000000000", "08P01", "insufficient data left in message")]
    [InlineData("text", "ff", "22021", "invalid byte sequence for encoding \"UTF8\": 0xff")]
    [InlineData("text", "6100", "22021", "invalid byte sequence for encoding \"UTF8\": 0x00")]
    [InlineData("jsonb", "027b7d", "XX000", "unsupported jsonb version number 2")]
    [InlineData("jsonb", "017b", "22P02", "invalid input syntax for type json")]
    [InlineData("int4[]", "ffffffff0000000000000017", "22P03", "invalid number of dimensions: -1")]
    [InlineData("int4[]", "000000070000000000000017", "54000", "number of array dimensions (7) exceeds the maximum allowed (6)")]
    [InlineData("int4[]", "000000000000000200000017", "22P03", "invalid array flags")]
    [InlineData("int4[]", "000000000000000000000019", "42804", "binary data has array element type 25 (text) instead of expected 23 (integer)")]
    [InlineData("int4[]", "0000000100000000000000177fffffff00000001", "08P01", "insufficient data left in message")]
    [InlineData("int4[]", "00000001000000000000001700000001000000020000000400000001", "0A000",
        "arrays with lower bounds other than 1 are not supported")]
    [InlineData("inet", "05200004", "22P03", "invalid address family in external \"inet\" value")]
    [InlineData("varbit", "ffffffff", "22P03", "invalid length in external bit string")]
    [InlineData("money", "0000000000000000", "0A000", "type money is not supported")]
    public void Malformed_binary_values_are_refused_in_PostgreSQLs_words(string name, string hex, string sqlState, string message)
    {
        Assert.True(TypeNames.TryParse(name, out var type));
        var error = Assert.Throws<TypeException>(() =>
            Codec.For(type.Oid).ReadBinary(Convert.FromHexString(hex), type, ValueContext.Default, new StoredValue()));
        Assert.Equal((sqlState, message), (error.SqlState, error.Message));
    }

    [Theory]
    [InlineData("numeric(10,2)", "1.5", "1.50")]
    [InlineData("float8", "NaN", "NaN")]
    [InlineData("char(5)", "ab  ", "ab")]
    [InlineData("timestamptz", "2024-07-01 12:00+02", "2024-07-01 10:00:00")]
    [InlineData("timestamp", "infinity", "infinity")]
    [InlineData("interval", "1 year 2 mons 3 days 04:05:06.7", "1 year 2 mons 3 days 04:05:06.7")]
    [InlineData("uuid", "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [InlineData("int4[]", "{{1,2},{3,NULL}}", "[[1,2],[3,null]]")]
    [InlineData("numeric[]", "{1.10,NaN}", "[\"1.10\",\"NaN\"]")]
    [InlineData("float8[]", "{1,1.5,NaN,Infinity}", "[1.0,1.5,\"NaN\",\"Infinity\"]")]
    [InlineData("bool[]", "{t,f}", "[1,0]")]
    [InlineData("bytea[]", "{\"\\\\x01ff\"}", "[\"\\\\x01ff\"]")]
    [InlineData("text[]", "{\"a\\\"b\",NULL}", "[\"a\\\"b\",null]")]
    [InlineData("jsonb", "{\"b\":1,\"a\":[1.0]}", "{\"a\": [1.0], \"b\": 1}")]
    [InlineData("bit(3)", "101", "101")]
    [InlineData("daterange", "[2024-01-01,2024-01-31]", "[2024-01-01,2024-02-01)")]
    public void The_stored_form_is_text_that_a_stranger_can_read(string name, string text, string expected)
    {
        Assert.True(TypeNames.TryParse(name, out var type));
        var stored = new StoredValue();
        Codec.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(text), type, ValueContext.Default, stored);
        Assert.Equal(StorageClass.Text, stored.Value.Class);
        Assert.Equal(expected, Encoding.UTF8.GetString(stored.Value.Bytes));
    }

    [Fact]
    public void Numbers_and_bytes_are_stored_as_themselves()
    {
        Assert.Equal(StorageClass.Integer, ClassOf("bool", "t"));
        Assert.Equal(StorageClass.Integer, ClassOf("int8", "9223372036854775807"));
        Assert.Equal(StorageClass.Real, ClassOf("float4", "0.1"));
        Assert.Equal(StorageClass.Real, ClassOf("float8", "Infinity"));
        Assert.Equal(StorageClass.Blob, ClassOf("bytea", "\\x00ff"));
    }

    [Fact]
    public void Values_that_another_door_stored_are_read_if_they_are_of_the_type()
    {
        Assert.Equal("t", TextOf(SqliteValue.FromText("true"u8), "bool"));
        Assert.Equal("5", TextOf(SqliteValue.FromReal(5), "int4"));
        Assert.Equal("5.00", TextOf(SqliteValue.FromInteger(5), "numeric(10,2)"));
        Assert.Equal("1.5", TextOf(SqliteValue.FromReal(1.5), "numeric"));
        Assert.Equal("2024-01-01 00:00:00", TextOf(SqliteValue.FromInteger(1704067200), "timestamp"));
        Assert.Equal("2024-01-01 00:00:00", TextOf(SqliteValue.FromInteger(1704067200000), "timestamp"));
        Assert.Equal("ab   ", TextOf(SqliteValue.FromText("ab"u8), "char(5)"));
        Assert.Equal("22003", Assert.Throws<TypeException>(() => TextOf(SqliteValue.FromInteger(40000), "int2")).SqlState);
        Assert.Equal("22P02", Assert.Throws<TypeException>(() => TextOf(SqliteValue.FromInteger(2), "bool")).SqlState);
        Assert.Equal("22P02", Assert.Throws<TypeException>(() => TextOf(SqliteValue.FromText("[[1],[2,3]]"u8), "int4[]")).SqlState);
        Assert.Equal("22007", Assert.Throws<TypeException>(() => TextOf(SqliteValue.FromInteger(7), "time")).SqlState);
    }

    [Theory]
    [InlineData("date", "now")]
    [InlineData("date", "today")]
    [InlineData("timestamp", "tomorrow")]
    [InlineData("timestamptz", "now")]
    [InlineData("time", "now")]
    public void A_stored_text_that_needs_a_clock_is_no_value(string name, string text) => Assert.Equal(
        "22007", Assert.Throws<TypeException>(() => TextOf(SqliteValue.FromText(Encoding.UTF8.GetBytes(text)), name)).SqlState);

    [Fact]
    public void A_numeric_is_written_from_its_digits_as_from_its_value()
    {
        var random = new Random(20);
        for (var i = 0; i < 20_000; i++)
        {
            var scale = random.Next(12);
            var type = new PgType(PgTypes.Numeric, random.Next(2) == 0 ? -1 : Modifiers.ForNumeric(40, scale));
            var value = new Numeric(random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64), random.Next(24));
            var expected = type.Modifier >= 0 && scale > value.Scale ? value.Round(scale) : value;
            var stored = SqliteValue.FromText(Encoding.ASCII.GetBytes(value.ToString()));
            var (text, binary, right) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            Codec.For(type.Oid).WriteText(stored, type, ValueContext.Default, text);
            Codec.For(type.Oid).WriteBinary(stored, type, ValueContext.Default, binary);
            expected.WriteBinary(right);
            Assert.Equal(expected.ToString(), Encoding.ASCII.GetString(text.WrittenSpan));
            Assert.Equal(Convert.ToHexString(right.WrittenSpan), Convert.ToHexString(binary.WrittenSpan));
        }
    }

    private static StorageClass ClassOf(string name, string text)
    {
        Assert.True(TypeNames.TryParse(name, out var type));
        var stored = new StoredValue();
        Codec.For(type.Oid).ReadText(Encoding.UTF8.GetBytes(text), type, ValueContext.Default, stored);
        return stored.Value.Class;
    }

    private static string TextOf(SqliteValue value, string name)
    {
        Assert.True(TypeNames.TryParse(name, out var type));
        var output = new ArrayBufferWriter<byte>();
        Codec.For(type.Oid).WriteText(value, type, ValueContext.Default, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Check(OracleRow row, PgType type, List<string> wrong)
    {
        var codec = Codec.For(type.Oid);
        var context = new ValueContext(row.Settings);
        var stored = new StoredValue();
        codec.ReadText(row.Bytes(0), type, context, stored);
        var text = new ArrayBufferWriter<byte>();
        codec.WriteText(stored.Value, type, context, text);
        var binary = new ArrayBufferWriter<byte>();
        codec.WriteBinary(stored.Value, type, context, binary);
        var again = new StoredValue();
        codec.ReadBinary(binary.WrittenSpan, type, context, again);
        var received = new ArrayBufferWriter<byte>();
        codec.WriteText(again.Value, type, context, received);
        var (first, second) = ("=" + Encoding.UTF8.GetString(text.WrittenSpan), "=" + Encoding.UTF8.GetString(received.WrittenSpan));
        if (first != row.Outcome || second != row.Outcome || codec.Compare(stored.Value, again.Value, type) != 0)
        {
            wrong.Add($"{row.Shown}: stored {first}, received {second}, not {row.Outcome}");
        }
    }
}
