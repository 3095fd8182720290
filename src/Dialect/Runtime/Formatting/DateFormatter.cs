using System.Globalization;
using System.Text;
using Rqlite.Pg.Types;
using Calendar = Rqlite.Pg.Types.Values.Calendar;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>to_char for timestamps and intervals.</summary>
internal static class DateFormatter
{
    internal static readonly string[] MonthNames =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    internal static readonly string[] DayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>From December down to January.</summary>
    internal static readonly string[] RomanMonths = ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];

    private const int NameWidth = 9;

    public static string Format(DateTemplate template, in DateParts parts)
    {
        var output = new StringBuilder();
        foreach (var node in template.Nodes)
        {
            if (node.Kind == FormatNodeKind.Field)
            {
                Write(node, parts, output);
            }
            else
            {
                output.Append(node.Text);
            }
        }

        return output.ToString();
    }

    /// <summary>The letters behind an ordinal number.</summary>
    public static string Ordinal(string number, bool upper)
    {
        var last = number[^1];
        if (!char.IsAsciiDigit(last))
        {
            throw new TypeException(SqlState.InvalidTextRepresentation, $"\"{number}\" is not a number");
        }

        var letters = number.Length > 1 && number[^2] == '1' ? "th" : last switch { '1' => "st", '2' => "nd", '3' => "rd", _ => "th" };
        return upper ? letters.ToUpperInvariant() : letters;
    }

    private static void Write(in FormatNode node, in DateParts parts, StringBuilder output)
    {
        var fill = (node.Suffix & FormatSuffix.Fill) != 0;
        switch (node.Field)
        {
            case "A.M." or "P.M.":
                output.Append(InCase(node, parts.Hour % 24 >= 12 ? "P.M." : "A.M."));
                break;
            case "AM" or "PM":
                output.Append(InCase(node, parts.Hour % 24 >= 12 ? "PM" : "AM"));
                break;
            case "A.D." or "B.C.":
                RequireMoment(parts);
                output.Append(InCase(node, parts.Year <= 0 ? "B.C." : "A.D."));
                break;
            case "AD" or "BC":
                RequireMoment(parts);
                output.Append(InCase(node, parts.Year <= 0 ? "BC" : "AD"));
                break;
            case "MONTH" or "MON":
                RequireMoment(parts);
                WriteName(node, MonthNames[parts.Month - 1], node.Field == "MON", fill, output);
                break;
            case "DAY" or "DY":
                RequireMoment(parts);
                WriteName(node, DayNames[parts.DayOfWeek], node.Field == "DY", fill, output);
                break;
            case "RM":
                WriteRoman(node, parts, fill, output);
                break;
            case "TZ":
                RequireMoment(parts);
                output.Append(InCase(node, parts.Zone ?? ""));
                break;
            case "TZH":
                RequireMoment(parts);
                output.Append(parts.Offset >= 0 ? '+' : '-').Append(Padded(Math.Abs(parts.Offset) / 3600, 2));
                break;
            case "TZM":
                RequireMoment(parts);
                output.Append(Padded(Math.Abs(parts.Offset) / 60 % 60, 2));
                break;
            case "OF":
                RequireMoment(parts);
                WriteOffset(parts.Offset, fill, output);
                break;
            case "FX":
                break;
            default:
                if (Number(node.Field, parts, fill) is { } number)
                {
                    output.Append(number);
                    if ((node.Suffix & FormatSuffix.Ordinal) != 0)
                    {
                        output.Append(Ordinal(number, (node.Suffix & FormatSuffix.UpperOrdinal) != 0));
                    }
                }

                break;
        }
    }

    /// <summary>The text of a numeric field; null for one that the value does not have.</summary>
    private static string? Number(string field, in DateParts parts, bool fill)
    {
        switch (field)
        {
            case "HH" or "HH12":
                return Signed(parts.Hour % 12 == 0 ? 12 : parts.Hour % 12, parts.Hour >= 0 ? 2 : 3, fill);
            case "HH24":
                return Signed(parts.Hour, 2, fill);
            case "MI":
                return Signed(parts.Minute, 2, fill);
            case "SS":
                return Signed(parts.Second, 2, fill);
            case "FF1" or "FF2" or "FF3" or "FF4" or "FF5" or "FF6":
                return Fraction(parts.Microsecond, field[2] - '0');
            case "MS":
                return Fraction(parts.Microsecond, 3);
            case "US":
                return Fraction(parts.Microsecond, 6);
            case "SSSSS" or "SSSS":
                return Text((parts.Hour * 3600) + (parts.Minute * 60) + parts.Second);
            case "MM":
                return Signed(parts.Month, 2, fill);
            case "DDD":
                return Padded(parts.DayOfYear, fill ? 0 : 3);
            case "IDDD":
                return Padded(IsoDayOfYear(parts), fill ? 0 : 3);
            case "DD":
                return Padded(parts.Day, fill ? 0 : 2);
            case "D":
                RequireMoment(parts);
                return Text(parts.DayOfWeek + 1);
            case "ID":
                RequireMoment(parts);
                return Text(parts.DayOfWeek == 0 ? 7 : parts.DayOfWeek);
            case "WW":
                return Padded(((parts.DayOfYear - 1) / 7) + 1, fill ? 0 : 2);
            case "IW":
                return Padded(JulianDays.IsoWeek(parts.Year, DaysOf(parts)).Week, fill ? 0 : 2);
            case "W":
                return Text(((parts.Day - 1) / 7) + 1);
            case "Q":
                return parts.Month == 0 ? null : Text(((parts.Month - 1) / 3) + 1);
            case "J":
                return Text(DaysOf(parts) + Calendar.EpochJulianDay);
            case "CC":
                var century = parts.IsInterval ? parts.Year / 100 : parts.Year > 0 ? ((parts.Year - 1) / 100) + 1 : (parts.Year / 100) - 1;
                return century is <= 99 and >= -99 ? Signed(century, 2, fill) : Text(century);
            default:
                return Year(field, parts, fill);
        }
    }

    private static string Year(string field, in DateParts parts, bool fill)
    {
        var calendarYear = Shown(parts.Year, parts);
        if (field == "Y,YYY")
        {
            var thousands = calendarYear / 1000;
            return $"{Text(thousands)},{Padded(calendarYear - (thousands * 1000), 3)}";
        }

        var year = field[0] == 'I' ? Shown(JulianDays.IsoWeek(parts.Year, DaysOf(parts)).Year, parts) : calendarYear;
        var digits = field[0] == 'I' ? Math.Max(1, field.Length) : field.Length;
        year = digits switch { 4 => year, 3 => year % 1000, 2 => year % 100, _ => year % 10 };
        return digits == 1 ? Text(year) : Padded(year, fill ? 0 : calendarYear >= 0 ? digits : digits + 1);
    }

    /// <summary>A year as people count it.</summary>
    private static int Shown(int year, in DateParts parts) => parts.IsInterval || year > 0 ? year : -(year - 1);

    private static int IsoDayOfYear(in DateParts parts)
    {
        var days = DaysOf(parts);
        return (int)(days - Calendar.IsoYearStart(JulianDays.IsoWeek(parts.Year, days).Year)) + 1;
    }

    // An interval has parts that are no date; they are taken for one all the same.
    private static long DaysOf(in DateParts parts) => JulianDays.Of(parts.Year, parts.Month, parts.Day);

    private static void RequireMoment(in DateParts parts)
    {
        if (parts.IsInterval)
        {
            throw FormatErrors.Invalid(
                "invalid format specification for an interval value", hint: "Intervals are not tied to specific calendar dates.");
        }
    }

    private static string InCase(in FormatNode node, string upper) => char.IsAsciiLetterLower(node.Text[0]) ? upper.ToLowerInvariant() : upper;

    private static void WriteName(in FormatNode node, string name, bool isShort, bool fill, StringBuilder output)
    {
        var cased = node.Text[1] is >= 'A' and <= 'Z' ? name.ToUpperInvariant() : node.Text[0] is >= 'a' and <= 'z' ? name.ToLowerInvariant() : name;
        var translated = (node.Suffix & FormatSuffix.Translated) != 0;
        output.Append(isShort ? cased[..3] : fill || translated ? cased : cased.PadRight(NameWidth));
    }

    private static void WriteRoman(in FormatNode node, in DateParts parts, bool fill, StringBuilder output)
    {
        if (parts is { Month: 0, Year: 0 })
        {
            return;
        }

        // Whole years of an interval end in December, or begin in January backwards.
        var place = parts.Month == 0 ? (parts.Year >= 0 ? 0 : 11) : parts.Month < 0 ? -(parts.Month + 1) : 12 - parts.Month;
        var text = InCase(node, RomanMonths[place]);
        output.Append(fill ? text : text.PadRight(4));
    }

    private static void WriteOffset(int offset, bool fill, StringBuilder output)
    {
        var seconds = Math.Abs(offset);
        output.Append(offset >= 0 ? '+' : '-').Append(Padded(seconds / 3600, fill ? 0 : 2));
        if (seconds % 3600 != 0)
        {
            output.Append(':').Append(Padded(seconds / 60 % 60, 2));
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>A number of so many digits, and one place more for a sign.</summary>
    private static string Signed(long number, int digits, bool fill) => Padded(number, fill ? 0 : number >= 0 ? digits : Math.Max(digits, 3));

    /// <summary>Zeros up to a width, in which a sign counts, as printf pads.</summary>
    private static string Padded(long number, int width) => number >= 0
        ? Text(number).PadLeft(width, '0')
        : "-" + Text(number)[1..].PadLeft(Math.Max(0, width - 1), '0');

    // The fraction of a negative interval is negative too.
    private static string Fraction(int microsecond, int digits)
    {
        for (var i = digits; i < 6; i++)
        {
            microsecond /= 10;
        }

        return Padded(microsecond, digits);
    }
}
