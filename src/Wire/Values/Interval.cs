using System.Globalization;
using System.Text;

namespace Rqlite.Pg.Wire.Values;

/// <summary>PostgreSQL's interval: three parts that do not carry into each other.</summary>
internal readonly record struct Interval(int Months, int Days, long Microseconds)
{
    public const int LengthMax = 96;

    public int Write(Span<byte> target, IntervalStyle style) => Encoding.ASCII.GetBytes(style switch
    {
        IntervalStyle.Iso8601 => ToIso(),
        IntervalStyle.SqlStandard => ToSqlStandard(),
        IntervalStyle.PostgresVerbose => ToVerbose(),
        _ => ToPostgres(),
    }, target);

    private string ToPostgres()
    {
        var text = new StringBuilder();
        var negative = false;
        Append(text, Months / 12, "year", ref negative);
        Append(text, Months % 12, "mon", ref negative);
        Append(text, Days, "day", ref negative);
        if (text.Length == 0 || Microseconds != 0)
        {
            Separate(text).Append(Microseconds < 0 ? "-" : negative ? "+" : "");
            AppendClock(text, Microseconds);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, int value, string unit, ref bool negative)
    {
        if (value != 0)
        {
            Separate(text).Append(CultureInfo.InvariantCulture, $"{(negative && value > 0 ? "+" : "")}{value} {unit}{(value != 1 ? "s" : "")}");
            negative = value < 0;
        }
    }

    private static StringBuilder Separate(StringBuilder text) => text.Length > 0 ? text.Append(' ') : text;

    private static void AppendClock(StringBuilder text, long microseconds)
    {
        var value = (ulong)Math.Abs((decimal)microseconds);
        var seconds = value / 1_000_000;
        text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        AppendFraction(text, value % 1_000_000);
    }

    private static void AppendFraction(StringBuilder text, ulong fraction)
    {
        if (fraction != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $".{fraction:000000}");
            while (text[^1] == '0')
            {
                text.Length--;
            }
        }
    }

    private string ToIso()
    {
        if (Months == 0 && Days == 0 && Microseconds == 0)
        {
            return "PT0S";
        }

        var text = new StringBuilder("P");
        Part(text, Months / 12, 'Y');
        Part(text, Months % 12, 'M');
        Part(text, Days, 'D');
        if (Microseconds != 0)
        {
            text.Append('T');
            Part(text, Microseconds / 3_600_000_000, 'H');
            Part(text, Microseconds / 60_000_000 % 60, 'M');
            AppendSignedSeconds(text, Microseconds % 60_000_000, "S");
        }

        return text.ToString();
    }

    private static void Part(StringBuilder text, long value, char unit)
    {
        if (value != 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{value}{unit}");
        }
    }

    private static void AppendSignedSeconds(StringBuilder text, long microseconds, string unit)
    {
        if (microseconds != 0)
        {
            var value = (ulong)Math.Abs(microseconds);
            text.Append(CultureInfo.InvariantCulture, $"{(microseconds < 0 ? "-" : "")}{value / 1_000_000}");
            AppendFraction(text, value % 1_000_000);
            text.Append(unit);
        }
    }

    private string ToSqlStandard()
    {
        var hasNegative = Months < 0 || Days < 0 || Microseconds < 0;
        var hasPositive = Months > 0 || Days > 0 || Microseconds > 0;
        var hasMonths = Months != 0;
        var hasRest = Days != 0 || Microseconds != 0;
        if (!hasNegative && !hasPositive)
        {
            return "0";
        }

        var text = new StringBuilder();
        var mixed = (hasNegative && hasPositive) || (hasMonths && hasRest);
        if (mixed)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(Months < 0 ? '-' : '+')}{Math.Abs(Months / 12)}-{Math.Abs(Months % 12)} ");
            text.Append(CultureInfo.InvariantCulture, $"{(Days < 0 ? '-' : '+')}{Math.Abs((long)Days)} {(Microseconds < 0 ? '-' : '+')}");
            AppendShortClock(text);
            return text.ToString();
        }

        text.Append(hasNegative ? "-" : "");
        if (hasMonths)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Math.Abs(Months / 12)}-{Math.Abs(Months % 12)}");
        }
        else
        {
            text.Append(Days != 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Abs((long)Days)} ") : "");
            AppendShortClock(text);
        }

        return text.ToString();
    }

    private void AppendShortClock(StringBuilder text)
    {
        var value = (ulong)Math.Abs((decimal)Microseconds);
        var seconds = value / 1_000_000;
        text.Append(CultureInfo.InvariantCulture, $"{seconds / 3600}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        AppendFraction(text, value % 1_000_000);
    }

    private string ToVerbose()
    {
        var text = new StringBuilder("@");
        var zero = true;
        var ago = false;
        Verbose(text, Months / 12, "year", ref zero, ref ago);
        Verbose(text, Months % 12, "mon", ref zero, ref ago);
        Verbose(text, Days, "day", ref zero, ref ago);
        Verbose(text, Microseconds / 3_600_000_000, "hour", ref zero, ref ago);
        Verbose(text, Microseconds / 60_000_000 % 60, "min", ref zero, ref ago);
        var rest = Microseconds % 60_000_000;
        if (rest != 0)
        {
            ago = zero ? rest < 0 : ago;
            text.Append(' ');
            AppendSignedSeconds(text, ago ? -rest : rest, Math.Abs(rest) == 1_000_000 ? " sec" : " secs");
            zero = false;
        }

        return text.Append(zero ? " 0" : ago ? " ago" : "").ToString();
    }

    private static void Verbose(StringBuilder text, long value, string unit, ref bool zero, ref bool ago)
    {
        if (value != 0)
        {
            ago = zero ? value < 0 : ago;
            var shown = ago ? -value : value;
            text.Append(CultureInfo.InvariantCulture, $" {shown} {unit}{(shown == 1 ? "" : "s")}");
            zero = false;
        }
    }
}
