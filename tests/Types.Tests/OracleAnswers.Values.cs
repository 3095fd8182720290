using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

internal static partial class OracleAnswers
{
    private static string? Parse(string type, OracleRow row)
    {
        var context = new ValueContext(row.Settings);
        var text = row.Bytes(0);
        switch (type)
        {
            // By value: the stored form is narrower (no years before Christ), and has tests of its own.
            case "date":
                return Date(DateTimes.ParseDate(text, context), row);
            case "timestamp":
                return Timestamp(DateTimes.ParseTimestamp(text, context), row);
            case "timestamptz":
                return TimestampTz(DateTimes.ParseTimestampTz(text, context), row);
            case "time":
                return Time(DateTimes.ParseTime(text, context));
            case "timetz":
                return TimeWithZone(DateTimes.ParseTimeTz(text, context));
            case "interval":
                return Span(Interval(row, 0), row);
            case "bool":
                return Booleans.Parse(text) ? "t" : "f";
            case "int2":
                return Show(Integers.ParseInt2(text));
            case "int4":
                return Show(Integers.ParseInt4(text));
            case "int8":
                return Show(Integers.ParseInt8(text));
            case "oid" or "xid":
                return Show(type == "xid" ? (uint)Integers.ParseUnsigned(text) : Integers.ParseOid(text));
            case "xid8":
                return Integers.ParseUnsigned(text).ToString();
            case "float4":
                return Show(Floats.ParseFloat4(text), row.Settings);
            case "float8":
                return Show(Floats.ParseFloat8(text), row.Settings);
            case "numeric":
                return Numeric.Parse(text).ToString();
            default:
                var stored = Stored(type, text, context, out var pgType);
                return Text(output => Codec.For(pgType.Oid).WriteText(stored.Value, pgType, context, output));
        }
    }

    private static string? Send(string type, OracleRow row)
    {
        var context = new ValueContext(row.Settings);
        var stored = Stored(type, row.Bytes(0), context, out var pgType);
        return Hex(output => Codec.For(pgType.Oid).WriteBinary(stored.Value, pgType, context, output));
    }

    /// <summary>The answer of a type with a modifier, by its codec.</summary>
    private static string Assign(string type, OracleRow row)
    {
        var context = new ValueContext(row.Settings);
        Assert.True(TypeNames.TryParse(type, out var pgType), type);
        var isBits = pgType.Oid is PgTypes.Bit or PgTypes.VarBit;
        var stored = Stored(isBits ? type[..type.IndexOf('(', StringComparison.Ordinal)] : type, row.Bytes(0), context, out _);
        if (isBits)
        {
            // The recorded cast sees a value that has been read; the input function checks the length before the digits.
            Bits.CheckLength(stored.Value.Bytes.Length, pgType);
        }

        return Text(output => Codec.For(pgType.Oid).WriteText(stored.Value, pgType, context, output));
    }

    /// <summary>An explicit cast, which cuts what assignment refuses.</summary>
    private static string Cast(string type, OracleRow row)
    {
        Assert.True(TypeNames.TryParse(type, out var target), type);
        var context = new ValueContext(row.Settings);
        var stored = Stored(type[..type.IndexOf('(', StringComparison.Ordinal)], row.Bytes(0), context, out _);
        stored.SetText(target.Oid is PgTypes.Bit or PgTypes.VarBit
            ? Bits.Cast(stored.Value.Bytes, target)
            : Strings.Cut(stored.Value.Bytes, Modifiers.Length(target.Modifier)).ToArray());
        return Text(output => Codec.For(target.Oid).WriteText(stored.Value, target, context, output));
    }

    private static StoredValue Stored(string type, byte[] text, in ValueContext context, out PgType pgType)
    {
        Assert.True(TypeNames.TryParse(type is "char" or "bit" ? $"pg_catalog.{type}" : type, out pgType), type);
        var stored = new StoredValue();
        Codec.For(pgType.Oid).ReadText(text, pgType, context, stored);
        return stored;
    }

    private static string? Compare(string type, OracleRow row)
    {
        var context = new ValueContext(row.Settings);
        var (a, b) = (row.Bytes(0), row.Bytes(1));
        return Show(Math.Sign(type switch
        {
            "numeric" => Numeric.Parse(a).CompareTo(Numeric.Parse(b)),
            "float4" => Floats.Compare(Floats.ParseFloat4(a), Floats.ParseFloat4(b)),
            "float8" => Floats.Compare(Floats.ParseFloat8(a), Floats.ParseFloat8(b)),
            "timestamp" => DateTimes.ParseTimestamp(a, context).CompareTo(DateTimes.ParseTimestamp(b, context)),
            "timestamptz" => DateTimes.ParseTimestampTz(a, context).CompareTo(DateTimes.ParseTimestampTz(b, context)),
            "timetz" => DateTimes.ParseTimeTz(a, context).CompareTo(DateTimes.ParseTimeTz(b, context)),
            "interval" => Interval(row, 0).CompareTo(Interval(row, 1)),
            _ => ByCodec(type, a, b, context),
        }));
    }

    private static int ByCodec(string type, byte[] left, byte[] right, in ValueContext context)
    {
        var a = Stored(type, left, context, out var pgType);
        var b = Stored(type, right, context, out _);
        return Codec.For(pgType.Oid).Compare(a.Value, b.Value, pgType);
    }
}
