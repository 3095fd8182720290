using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Times and intervals as arguments and answers, and the session's zone.</summary>
internal static class TimeArguments
{
    [ThreadStatic]
    private static (byte[] Bytes, string Text)? t_word;

    /// <summary>Microseconds since midnight.</summary>
    public static long Time(this in FunctionCall call, int argument) => StoredMoment.Time(call.Value(argument));

    public static TimeTz TimeTz(this in FunctionCall call, int argument) => StoredMoment.TimeTz(call.Value(argument));

    public static Interval Interval(this in FunctionCall call, int argument) => StoredMoment.Interval(call.Value(argument));

    public static FormatSettings Settings(this in FunctionCall call) => CallerSettings.FormatOf(call.Statement.Caller?.Settings);

    public static PgTimeZone Zone(this in FunctionCall call) => call.Settings().TimeZone;

    /// <summary>A text that is mostly the same from call to call: a unit, a zone's name, a template.</summary>
    public static string Word(this in FunctionCall call, int argument)
    {
        var bytes = call.Bytes(argument);
        if (t_word is { } last && bytes.SequenceEqual(last.Bytes))
        {
            return last.Text;
        }

        var text = Encoding.UTF8.GetString(bytes);
        t_word = (bytes.ToArray(), text);
        return text;
    }

    public static void ReturnTime(this in FunctionCall call, long time)
    {
        var stored = Arguments.TakeStored();
        StoredMoment.SetTime(stored, time);
        call.Return(stored.Value);
    }

    public static void Return(this in FunctionCall call, TimeTz value)
    {
        var stored = Arguments.TakeStored();
        StoredMoment.Set(stored, value);
        call.Return(stored.Value);
    }

    public static void Return(this in FunctionCall call, Interval value)
    {
        var stored = Arguments.TakeStored();
        StoredMoment.Set(stored, value);
        call.Return(stored.Value);
    }
}
