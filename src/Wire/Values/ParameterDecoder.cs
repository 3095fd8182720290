using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;
using Calendar = Rqlite.Pg.Types.Values.Calendar;

namespace Rqlite.Pg.Wire.Values;

/// <summary>
/// Converts a parameter of Bind, in either format, to the form in which the database stores its type. The types' codecs read it, except where
/// the stored form depends on the column, which is not known here: see <see cref="ParameterNumbers"/>, and years that do not sort as texts.
/// </summary>
internal static class ParameterDecoder
{
    private const int ScratchKeptMax = 1 << 20;

    [ThreadStatic]
    private static StoredValue? t_stored;

    /// <summary>The CONTEXT of an error in a parameter.</summary>
    /// <param name="number">1-based.</param>
    public static string Context(string portal, int number) => portal.Length == 0
        ? string.Create(CultureInfo.InvariantCulture, $"unnamed portal parameter ${number}")
        : string.Create(CultureInfo.InvariantCulture, $"portal \"{portal}\" parameter ${number}");

    /// <summary>Writes one parameter that is not NULL (for that one: <see cref="ParameterEncoding.WriteNull"/>).</summary>
    /// <param name="oid">The announced type; 0 counts as text.</param>
    /// <exception cref="TypeException">The bytes are no value of the type.</exception>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> data, bool binary, uint oid, FormatSettings settings)
    {
        if (binary)
        {
            WriteBinary(output, data, oid, new ValueContext(settings, ValueContext.NoMoment));
        }
        else
        {
            WriteText(output, TypeErrors.RequireText(data), oid, new ValueContext(settings, Now()));
        }
    }

    private static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> text, uint oid, in ValueContext context)
    {
        switch (oid)
        {
            case PgTypes.Json or PgTypes.Jsonb:
                WriteJson(output, text);
                break;
            case PgTypes.Numeric:
                ParameterNumbers.Write(output, Numeric.Parse(text));
                break;
            case PgTypes.Float8:
                ParameterNumbers.Write(output, Floats.ParseFloat8(text));
                break;
            case PgTypes.Float4:
                ParameterNumbers.Write(output, Floats.ToStored(Floats.ParseFloat4(text)));
                break;
            case PgTypes.Date:
                WriteDate(output, DateTimes.ParseDate(text, context));
                break;
            case PgTypes.Timestamp:
                WriteTimestamp(output, DateTimes.ParseTimestamp(text, context));
                break;
            case PgTypes.TimestampTz:
                WriteTimestamp(output, DateTimes.ParseTimestampTz(text, context));
                break;
            case PgTypes.Char:
            case var other when ShownText.Is(other):
                ParameterEncoding.WriteText(output, text);
                break;
            default:
                var stored = TakeStored();
                Codec.For(oid).ReadText(text, new PgType(oid), context, stored);
                Write(output, stored);
                break;
        }
    }

    private static void WriteBinary(IBufferWriter<byte> output, ReadOnlySpan<byte> data, uint oid, in ValueContext context)
    {
        switch (oid)
        {
            case PgTypes.Bytea:
                ParameterEncoding.WriteBlob(output, data);
                break;
            case PgTypes.Json:
                WriteJson(output, TypeErrors.RequireText(data));
                break;
            case PgTypes.Jsonb:
                WriteJson(output, data.Length > 0 && data[0] == 1 ? TypeErrors.RequireText(data[1..]) : throw new TypeException(
                    SqlState.InternalError, $"unsupported jsonb version number {(data.Length > 0 ? data[0] : 0)}"));
                break;
            case PgTypes.Numeric:
                ParameterNumbers.Write(output, Numeric.ReadBinary(data));
                break;
            case PgTypes.Float8 when data.Length == 4:
            case PgTypes.Float4:
                ParameterNumbers.Write(output, Floats.ToStored(BinaryPrimitives.ReadSingleBigEndian(Exact(data, 4))));
                break;
            case PgTypes.Float8:
                ParameterNumbers.Write(output, BinaryPrimitives.ReadDoubleBigEndian(Exact(data, 8)));
                break;
            case PgTypes.Date:
                var days = BinaryPrimitives.ReadInt32BigEndian(Exact(data, 4));
                WriteDate(output, Calendar.IsInfiniteDate(days) || Calendar.DateInRange(days) ? days : throw TypeErrors.DateRange());
                break;
            case PgTypes.Timestamp or PgTypes.TimestampTz:
                var moment = BinaryPrimitives.ReadInt64BigEndian(Exact(data, 8));
                WriteTimestamp(output, Calendar.IsInfinite(moment) || Calendar.TimestampInRange(moment) ? moment : throw TypeErrors.TimestampRange());
                break;
            case 0 or PgTypes.Text or PgTypes.VarChar or PgTypes.BpChar or PgTypes.Name or PgTypes.Char or PgTypes.Unknown:
                ParameterEncoding.WriteText(output, TypeErrors.RequireText(data));
                break;
            case var other when !AnnouncedTypes.Contains(other) || other == PgTypes.Void:
                throw new TypeException(
                    SqlState.FeatureNotSupported, $"binary format of type with OID {oid} is not supported", hint: "Send it as text.");
            default:
                var stored = TakeStored();
                Codec.For(oid).ReadBinary(data, new PgType(oid), context, stored);
                Write(output, stored);
                break;
        }
    }

    private static ReadOnlySpan<byte> Exact(ReadOnlySpan<byte> data, int length) =>
        data.Length == length ? data : throw TypeErrors.BinaryLength(length, data.Length);

    // Parameters of a block are read when they come, so words such as now mean that moment.
    private static long Now() => ((DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond)
        - (Calendar.EpochSeconds * Calendar.SecondMicroseconds);

    private static StoredValue TakeStored() => t_stored ??= new StoredValue();

    private static void Write(IBufferWriter<byte> output, StoredValue stored)
    {
        var value = stored.Value;
        switch (value.Class)
        {
            case StorageClass.Integer:
                ParameterEncoding.WriteInteger(output, value.Integer);
                break;
            case StorageClass.Blob:
                ParameterEncoding.WriteBlob(output, value.Bytes);
                break;
            default:
                ParameterEncoding.WriteText(output, value.Bytes);
                break;
        }

        if (value.Bytes.Length > ScratchKeptMax)
        {
            t_stored = null;
        }
    }

    private static void WriteDate(IBufferWriter<byte> output, int days)
    {
        Span<byte> scratch = stackalloc byte[DateTimeText.LengthMax];
        ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteStoredDate(scratch, days)]);
    }

    private static void WriteTimestamp(IBufferWriter<byte> output, long timestamp)
    {
        Span<byte> scratch = stackalloc byte[DateTimeText.LengthMax];
        ParameterEncoding.WriteText(output, scratch[..DateTimeText.WriteStoredTimestamp(scratch, timestamp)]);
    }

    // jsonb too is kept as it was written: columns of earlier writers hold it so, and SQLite compares texts.
    private static void WriteJson(IBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        JsonParser.Check(text);
        ParameterEncoding.WriteText(output, text);
    }
}
