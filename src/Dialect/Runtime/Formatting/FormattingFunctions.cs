using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>to_char, to_number, to_date and to_timestamp with templates.</summary>
internal static class FormattingFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Call("to_char(timestamp without time zone,text)", (in call) =>
        {
            if (call.Timestamp(0) is var timestamp && !Calendar.IsInfinite(timestamp))
            {
                ReturnDate(call, DateParts.Of(timestamp));
            }
        });
        registry.Call("to_char(timestamp with time zone,text)", (in call) =>
        {
            if (call.TimestampTz(0) is var timestamp && !Calendar.IsInfinite(timestamp))
            {
                ReturnDate(call, DateParts.Of(timestamp, call.Zone()));
            }
        });
        registry.Call("to_char(interval,text)", (in call) => ReturnDate(call, DateParts.Of(call.Interval(0))));
        registry.Call("to_char(numeric,text)", (in call) => ReturnNumber(call, NumberDigits.Of(call.Numeric(0), NumberTemplate.Get(call.Word(1)))));
        registry.Call("to_char(integer,text)", (in call) => ReturnNumber(call, NumberDigits.Of(call.Int32(0), NumberTemplate.Get(call.Word(1)))));
        registry.Call("to_char(bigint,text)", (in call) => ReturnNumber(call, NumberDigits.Of(call.Integer(0), NumberTemplate.Get(call.Word(1)))));
        registry.Call("to_char(double precision,text)", (in call) =>
            ReturnNumber(call, NumberDigits.OfFloat(call.Float8(0), NumberTemplate.Get(call.Word(1)), FloatDigits.DoubleMax)));
        registry.Call("to_char(real,text)", (in call) =>
            ReturnNumber(call, NumberDigits.OfFloat(call.Float4(0), NumberTemplate.Get(call.Word(1)), FloatDigits.SingleMax)));

        registry.Call("to_number(text,text)", (in call) =>
        {
            if (!call.Bytes(1).IsEmpty)
            {
                call.Return(NumberReader.Read(NumberTemplate.Get(call.Word(1)), Encoding.Latin1.GetString(call.Bytes(0))));
            }
        });
        registry.Call("to_date(text,text)", (in call) => call.ReturnDate(ReadDate(call)));
        registry.Call("to_timestamp(text,text)", (in call) => call.ReturnTimestamp(ReadTimestamp(call)));
    }

    private static void ReturnDate(in FunctionCall call, in DateParts parts)
    {
        if (!call.Bytes(1).IsEmpty)
        {
            call.ReturnText(DateFormatter.Format(DateTemplate.Get(call.Word(1)), parts));
        }
    }

    private static void ReturnNumber(in FunctionCall call, in NumberDigits digits) =>
        call.ReturnText(call.Bytes(1).IsEmpty ? "" : NumberFormatter.Format(NumberTemplate.Get(call.Word(1)), digits));

    private static DateFields Read(in FunctionCall call) =>
        new DateReader(DateTemplate.Get(call.Word(1)), Encoding.Latin1.GetString(call.Bytes(0)), strict: false).Read();

    private static int ReadDate(in FunctionCall call)
    {
        var text = call.String(0);
        var (days, _) = Read(call).ToMoment(text);
        return Calendar.DateInRange(days)
            ? (int)days
            : throw new TypeException(SqlState.DatetimeFieldOverflow, $"date out of range: \"{TypeErrors.Show(Encoding.UTF8.GetBytes(text))}\"");
    }

    private static long ReadTimestamp(in FunctionCall call)
    {
        var text = call.String(0);
        var fields = Read(call);
        var (days, time) = fields.ToMoment(text);
        var local = ((Int128)days * Calendar.DayMicroseconds) + time;
        if (!Calendar.TimestampInRange(local))
        {
            throw TypeErrors.TimestampRange();
        }

        var timestamp = fields.Offset is { } offset
            ? (long)local - (offset * Calendar.SecondMicroseconds)
            : DateTimeArithmetic.FromLocal((long)local, call.Zone());
        return fields.FractionDigits > 0 ? DateTimes.RoundTimestamp(timestamp, fields.FractionDigits) : timestamp;
    }
}
