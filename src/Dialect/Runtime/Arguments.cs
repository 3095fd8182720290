using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;
using Calendar = Rqlite.Pg.Types.Values.Calendar;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// Arguments and answers of functions as the values that Types calculates with. All of them are in their stored forms (see the design of
/// Types).
/// </summary>
internal static class Arguments
{
    private const int BufferKeptMax = 1 << 20;
    private const long EpochDifference = (long)Calendar.EpochSeconds * Calendar.SecondMicroseconds;

    [ThreadStatic]
    private static StoredValue? t_stored;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_buffer;

    public static string String(this in FunctionCall call, int argument) => Encoding.UTF8.GetString(call.Bytes(argument));

    public static bool Boolean(this in FunctionCall call, int argument) => call.Integer(argument) != 0;

    public static int Int32(this in FunctionCall call, int argument) => checked((int)call.Integer(argument));

    public static Numeric Numeric(this in FunctionCall call, int argument) => Types.Values.Numeric.Parse(call.Bytes(argument));

    /// <summary>A float8, whose NaN is stored as text.</summary>
    public static double Float8(this in FunctionCall call, int argument) => Stored.Real(call.Value(argument), "double precision");

    /// <summary>A float4, whose stored digits are those of a float.</summary>
    public static float Float4(this in FunctionCall call, int argument) => (float)Stored.Real(call.Value(argument), "real");

    /// <summary>Days since 2000-01-01, or an infinity.</summary>
    public static int Date(this in FunctionCall call, int argument) => StoredMoment.Date(call.Value(argument));

    /// <summary>Microseconds since 2000-01-01, or an infinity.</summary>
    public static long Timestamp(this in FunctionCall call, int argument) => StoredMoment.Timestamp(call.Value(argument), withZone: false);

    /// <summary>Microseconds since 2000-01-01 UTC, or an infinity.</summary>
    public static long TimestampTz(this in FunctionCall call, int argument) => StoredMoment.Timestamp(call.Value(argument), withZone: true);

    /// <summary>The session's moment and styles, for values that are read and written as the session does.</summary>
    public static ValueContext Context(this in FunctionCall call) =>
        new(CallerSettings.FormatOf(call.Statement.Caller?.Settings), call.Now(), new StatementNames(call.Statement));

    /// <summary>The start of the transaction in microseconds since 2000-01-01 UTC.</summary>
    public static long Now(this in FunctionCall call) => call.Statement.TransactionTime - EpochDifference;

    public static void Return(this in FunctionCall call, Numeric value)
    {
        var buffer = TakeBuffer();
        value.WriteText(buffer);
        call.ReturnText(buffer.WrittenSpan);
    }

    /// <summary>A float8; NaN as text.</summary>
    public static void ReturnFloat8(this in FunctionCall call, double value)
    {
        if (double.IsNaN(value))
        {
            call.ReturnText("NaN"u8);
        }
        else
        {
            call.Return(value);
        }
    }

    /// <summary>A float4, with the digits that it shows.</summary>
    public static void ReturnFloat4(this in FunctionCall call, float value) => call.ReturnFloat8(Floats.ToStored(value));

    public static void ReturnDate(this in FunctionCall call, int days)
    {
        var stored = TakeStored();
        StoredMoment.Set(stored, days);
        call.Return(stored.Value);
    }

    /// <summary>A timestamp with or without time zone.</summary>
    public static void ReturnTimestamp(this in FunctionCall call, long timestamp)
    {
        var stored = TakeStored();
        StoredMoment.Set(stored, timestamp);
        call.Return(stored.Value);
    }

    /// <summary>A buffer of the thread, empty, to build an answer in; not to be held beyond the call.</summary>
    public static ArrayBufferWriter<byte> TakeBuffer()
    {
        var buffer = t_buffer;
        if (buffer is null || buffer.Capacity > BufferKeptMax)
        {
            t_buffer = buffer = new ArrayBufferWriter<byte>();
        }

        buffer.ResetWrittenCount();
        return buffer;
    }

    public static StoredValue TakeStored() => t_stored ??= new StoredValue();
}
