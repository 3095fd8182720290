using System.Globalization;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Types.Tests;

public sealed class TypeNameTests
{
    [Theory]
    [InlineData("varchar(20)", PgTypes.VarChar, 24, "character varying(20)")]
    [InlineData("CHARACTER VARYING ( 20 )", PgTypes.VarChar, 24, "character varying(20)")]
    [InlineData("char", PgTypes.BpChar, 5, "character(1)")]
    [InlineData("\"char\"", PgTypes.Char, -1, "\"char\"")]
    [InlineData("pg_catalog.int4", PgTypes.Int4, -1, "integer")]
    [InlineData("numeric(10,2)", PgTypes.Numeric, 655366, "numeric(10,2)")]
    [InlineData("numeric(3,-5)", PgTypes.Numeric, 198655, "numeric(3,-5)")]
    [InlineData("timestamp (3) with time zone", PgTypes.TimestampTz, 3, "timestamp(3) with time zone")]
    [InlineData("time with time zone", PgTypes.TimeTz, -1, "time with time zone")]
    [InlineData("interval day to second(3)", PgTypes.Interval, 470286339, "interval day to second(3)")]
    [InlineData("interval year", PgTypes.Interval, 327679, "interval year")]
    [InlineData("interval(2)", PgTypes.Interval, 2147418114, "interval(2)")]
    [InlineData("float(24)", PgTypes.Float4, -1, "real")]
    [InlineData("double precision", PgTypes.Float8, -1, "double precision")]
    [InlineData("bit", PgTypes.Bit, 1, "bit(1)")]
    [InlineData("bit varying(5)", PgTypes.VarBit, 5, "bit varying(5)")]
    [InlineData("int4[]", PgTypes.Int4Array, -1, "integer[]")]
    [InlineData("varchar(5)[][]", PgTypes.VarCharArray, 9, "character varying(5)[]")]
    [InlineData("text[3]", PgTypes.TextArray, -1, "text[]")]
    public void Names_are_read_and_written_as_PostgreSQL_does(string text, uint oid, int modifier, string shown)
    {
        Assert.True(TypeNames.TryParse(text, out var type));
        Assert.Equal(new PgType(oid, modifier), type);
        Assert.Equal(shown, TypeFormat.Name(type.Oid, type.Modifier));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("varchar(0)")]
    [InlineData("numeric(0)")]
    [InlineData("numeric(1001)")]
    [InlineData("int4(3)")]
    [InlineData("interval month(3)")]
    [InlineData("int4[")]
    [InlineData("int4) ")]
    [InlineData("other.int4")]
    [InlineData("float(54)")]
    public void Other_texts_are_no_types(string text) => Assert.False(TypeNames.TryParse(text, out _));

    [Theory]
    [InlineData("REAL", PgTypes.Float8)]
    [InlineData("DATETIME", PgTypes.Timestamp)]
    [InlineData("NUMERIC_TEXT(10,2)", PgTypes.Numeric)]
    [InlineData("TIMESTAMPTZ_TEXT", PgTypes.TimestampTz)]
    [InlineData("IVAL_TEXT", PgTypes.Interval)]
    [InlineData("BYTEA_BLOB", PgTypes.Bytea)]
    [InlineData("UNSIGNED BIG INT", PgTypes.Int8)]
    [InlineData("VARYING CHARACTER(255)", PgTypes.Text)]
    [InlineData("int4[]", PgTypes.Int4Array)]
    public void A_declared_type_of_SQLite_announces_one_of_PostgreSQL(string declared, uint oid) =>
        Assert.Equal(oid, Affinity.TypeOf(declared)?.Oid);

    [Fact]
    public void Every_type_of_the_registry_has_a_codec_and_arrays_and_elements_name_each_other()
    {
        foreach (var type in PgTypes.All)
        {
            Assert.NotNull(Codec.For(type.Oid));
            Assert.Same(type, PgTypes.Find(type.Name));
            if (type.ArrayOid != 0)
            {
                Assert.Equal(type.Oid, PgTypes.ElementOf(type.ArrayOid));
            }
        }

        Assert.Equal("integer", PgTypes.SqlNameOf(PgTypes.Int4));
        Assert.Equal(PgTypes.Int4, PgTypes.Find("int4range")!.RangeSubtype);
        Assert.True(PgTypes.Find(PgTypes.Text)!.Preferred);
        Assert.Equal(8, PgTypes.LengthOf(PgTypes.Float8));
        Assert.Equal(0u, PgTypes.ElementOf(PgTypes.Name));
        Assert.True(PgTypes.All.Count > 160, PgTypes.All.Count.ToString(CultureInfo.InvariantCulture));
    }
}
