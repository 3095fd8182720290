using System.Buffers;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Values;

namespace Rqlite.Pg.Wire.Tests.Values;

public class ValuesConversionTests
{
    [Fact]
    public void A_value_of_another_class_is_converted_when_nothing_is_lost()
    {
        Assert.Equal("42", Text(SqliteValue.FromReal(42), PgTypes.Int4));
        Assert.Equal("42", Text(SqliteValue.FromText("42"u8), PgTypes.Int8));
        Assert.Equal("t", Text(SqliteValue.FromText("true"u8), PgTypes.Bool));
        Assert.Equal("1.50", Text(SqliteValue.FromReal(1.5), PgTypes.Numeric, (10 << 16) + 2 + 4));
        Assert.Equal("1.234", Text(SqliteValue.FromReal(1.234), PgTypes.Numeric, (10 << 16) + 2 + 4));
        Assert.Equal("2024-01-01 00:00:00", Text(SqliteValue.FromInteger(1704067200), PgTypes.Timestamp));
        Assert.Equal("2024-01-01 00:00:00", Text(SqliteValue.FromInteger(1704067200000), PgTypes.Timestamp));
        Assert.Equal("\\x6162", Text(SqliteValue.FromText("ab"u8), PgTypes.Bytea));
        Assert.Equal("12", Text(SqliteValue.FromInteger(12), PgTypes.Text));
    }

    [Theory]
    [InlineData(PgTypes.Int4, 2147483648, "22003")]
    [InlineData(PgTypes.Int2, 40000, "22003")]
    [InlineData(PgTypes.Bool, 2, "22P02")]
    [InlineData(PgTypes.Uuid, 7, "22P02")]
    [InlineData(PgTypes.Time, 7, "22007")]
    public void A_value_that_does_not_fit_is_an_error_in_both_formats(uint oid, long value, string sqlState)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(sqlState, Assert.Throws<TypeException>(() =>
            TextFormat.Write(output, SqliteValue.FromInteger(value), new PgType(oid), FormatSettings.Default)).SqlState);
        Assert.Equal(sqlState, Assert.Throws<TypeException>(() =>
            BinaryFormat.Write(output, SqliteValue.FromInteger(value), new PgType(oid))).SqlState);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Null_is_a_length_of_minus_one()
    {
        var output = new ArrayBufferWriter<byte>();
        TextFormat.Write(output, SqliteValue.Null, new PgType(PgTypes.Int4), FormatSettings.Default);
        BinaryFormat.Write(output, SqliteValue.Null, new PgType(PgTypes.Numeric));
        Assert.Equal(Convert.FromHexString("ffffffffffffffff"), output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Integers_of_any_width_are_taken_for_an_integer_type()
    {
        foreach (var data in new byte[][] { [0, 7], [0, 0, 0, 7], [0, 0, 0, 0, 0, 0, 0, 7] })
        {
            foreach (var oid in new[] { PgTypes.Int2, PgTypes.Int4, PgTypes.Int8 })
            {
                var output = new ArrayBufferWriter<byte>();
                ParameterDecoder.Write(output, data, true, oid, FormatSettings.Default);
                var reader = new ParameterEncoding.Reader(output.WrittenSpan);
                Assert.True(reader.Read());
                Assert.Equal(7, reader.Value.Integer);
            }
        }
    }

    [Fact]
    public void Random_bytes_give_a_value_or_a_PostgreSQL_error()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var data = new byte[random.Next(0, 24)];
            random.NextBytes(data);
            if (random.Next(2) == 0)
            {
                for (var j = 0; j < data.Length; j++)
                {
                    data[j] = "0123456789-+:. eETZP/"u8[data[j] % 21];
                }
            }

            var type = PgTypes.All[random.Next(PgTypes.All.Count)];
            var binary = random.Next(2) == 0;
            try
            {
                var stored = new ArrayBufferWriter<byte>();
                ParameterDecoder.Write(stored, data, binary, type.Oid, FormatSettings.Default);
                var reader = new ParameterEncoding.Reader(stored.WrittenSpan);
                Assert.True(reader.Read());
                var output = new ArrayBufferWriter<byte>();
                TextFormat.Write(output, reader.Value, new PgType(type.Oid), FormatSettings.Default);
                BinaryFormat.Write(output, reader.Value, new PgType(type.Oid));
            }
            catch (TypeException e)
            {
                Assert.Equal(5, e.SqlState.Length);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed {seed}: {type.Name} {(binary ? "binary" : "text")} {Convert.ToHexString(data)}: {e}");
            }
        }
    }

    private static string Text(SqliteValue value, uint oid, int modifier = -1)
    {
        var output = new ArrayBufferWriter<byte>();
        TextFormat.Write(output, value, new PgType(oid, modifier), FormatSettings.Default);
        return Encoding.UTF8.GetString(output.WrittenSpan[4..]);
    }
}
