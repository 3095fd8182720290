using System.Globalization;
using System.Text;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// Reads a text by a template (to_date, to_timestamp). Without FX the blanks and separators of both need not be the same; in strict mode, which is that of
/// jsonpath, every character has to fit.
/// </summary>
/// <param name="text">A character for each byte of the UTF-8: fields are so many bytes wide.</param>
internal ref struct DateReader(DateTemplate template, string text, bool strict)
{
    private static readonly string[] s_noon = ["am", "pm", "AM", "PM"];
    private static readonly string[] s_longNoon = ["a.m.", "p.m.", "A.M.", "P.M."];
    private static readonly string[] s_eras = ["ad", "bc", "AD", "BC"];
    private static readonly string[] s_longEras = ["a.d.", "b.c.", "A.D.", "B.C."];
    private static readonly string[] s_shortMonths = [.. DateFormatter.MonthNames.Select(name => name[..3])];
    private static readonly string[] s_shortDays = [.. DateFormatter.DayNames.Select(name => name[..3])];

    private readonly DateFields _fields = new();
    private int _at;
    private int _node;
    private readonly bool _strict = strict;
    private bool _exact = strict;

    // Characters of the text that were passed beyond those of the template.
    private int _extra;

    public DateFields Read()
    {
        var nodes = template.Nodes;
        for (; _node < nodes.Length && _at < text.Length; _node++)
        {
            var node = nodes[_node];
            var isField = node.Kind == FormatNodeKind.Field;
            if (!_exact && node.Field != "FX" && (isField || _node == 0))
            {
                SkipSpaces();
            }

            if (!isField)
            {
                PassCharacter(node);
                continue;
            }

            ReadField(node);
            if (!_exact)
            {
                _extra = 0;
                SkipSpaces();
            }
        }

        if (_strict)
        {
            RequireEnd();
        }

        return _fields;
    }

    private void SkipSpaces()
    {
        for (; _at < text.Length && FormatParser.IsSpace(text[_at]); _at++)
        {
            _extra++;
        }
    }

    private void RequireEnd()
    {
        if (_node < template.Nodes.Length)
        {
            throw FormatErrors.Invalid("input string is too short for datetime format");
        }

        SkipSpaces();
        if (_at < text.Length)
        {
            throw FormatErrors.Invalid("trailing characters remain in input string after datetime format");
        }
    }

    private void SkipCharacter() => _at += FormatParser.CharacterLength(text, _at);

    private static string Shown(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    private void PassCharacter(in FormatNode node)
    {
        var isMark = node.Kind is FormatNodeKind.Space or FormatNodeKind.Separator;
        if (_strict)
        {
            var length = FormatParser.CharacterLength(text, _at);
            if (Shown(text.Substring(_at, length)) != node.Text)
            {
                throw FormatErrors.Invalid($"unmatched format {(isMark ? "separator" : "character")} \"{node.Text}\"");
            }

            _at += length;
        }
        else if (_exact)
        {
            // Any character may stand in the place of the template's.
            SkipCharacter();
        }
        else if (isMark)
        {
            _extra--;
            if (FormatParser.IsSpace(text[_at]) || FormatParser.IsSeparator(text[_at]))
            {
                _at++;
                _extra++;
            }
        }
        else if (_extra > 0)
        {
            _extra--;
        }
        else
        {
            SkipCharacter();
        }
    }

    private void ReadField(in FormatNode node)
    {
        SetConvention(node.Field);
        var fields = _fields;
        switch (node.Field)
        {
            case "FX":
                _exact = true;
                break;
            case "A.M." or "P.M.":
                SetNoon(node, s_longNoon);
                break;
            case "AM" or "PM":
                SetNoon(node, s_noon);
                break;
            case "HH" or "HH12":
                ReadNumber(node, ref fields.Hour, 2);
                fields.TwelveHours = true;
                break;
            case "HH24":
                ReadNumber(node, ref fields.Hour, 2);
                break;
            case "MI":
                ReadNumber(node, ref fields.Minute, 2);
                break;
            case "SS":
                ReadNumber(node, ref fields.Second, 2);
                break;
            case "MS":
                ReadFraction(node, ref fields.Millisecond, 3, 3);
                break;
            case "US":
                ReadFraction(node, ref fields.Microsecond, 6, 6);
                break;
            case "FF1" or "FF2" or "FF3" or "FF4" or "FF5" or "FF6":
                fields.FractionDigits = node.Field[2] - '0';
                ReadFraction(node, ref fields.Microsecond, fields.FractionDigits, 6);
                break;
            case "SSSSS" or "SSSS":
                ReadNumber(node, ref fields.SecondOfDay, node.Text.Length);
                break;
            case "TZ" or "OF":
                throw TypeErrors.NotSupported($"formatting field \"{node.Text}\" is only supported in to_char");
            case "TZH":
                ReadZoneHours(node);
                break;
            case "TZM":
                fields.ZoneSign = fields.ZoneSign == 0 ? 1 : fields.ZoneSign;
                ReadNumber(node, ref fields.ZoneMinutes, 2);
                break;
            case "A.D." or "B.C.":
                Set(node, ref fields.BeforeChrist, ReadWord(node, s_longEras) % 2);
                break;
            case "AD" or "BC":
                Set(node, ref fields.BeforeChrist, ReadWord(node, s_eras) % 2);
                break;
            case "MONTH":
                Set(node, ref fields.Month, ReadWord(node, DateFormatter.MonthNames) + 1);
                break;
            case "MON":
                Set(node, ref fields.Month, ReadWord(node, s_shortMonths) + 1);
                break;
            case "RM":
                Set(node, ref fields.Month, 12 - ReadWord(node, DateFormatter.RomanMonths));
                break;
            case "DAY":
                SetDay(node, DateFormatter.DayNames);
                break;
            case "DY":
                SetDay(node, s_shortDays);
                break;
            default:
                ReadDateNumber(node);
                break;
        }

        SkipOrdinal(node);
    }

    private void ReadDateNumber(in FormatNode node)
    {
        var fields = _fields;
        switch (node.Field)
        {
            case "MM":
                ReadNumber(node, ref fields.Month, 2);
                break;
            case "DDD":
                ReadNumber(node, ref fields.DayOfYear, 3);
                break;
            case "IDDD":
                ReadNumber(node, ref fields.DayOfYear, 3);
                break;
            case "DD":
                ReadNumber(node, ref fields.Day, 2);
                break;
            case "D":
                ReadNumber(node, ref fields.DayOfWeek, 1);
                break;
            case "ID":
                ReadNumber(node, ref fields.DayOfWeek, 1);

                // From Monday to Sunday, as the other fields count.
                fields.DayOfWeek = fields.DayOfWeek + 1 > 7 ? 1 : fields.DayOfWeek + 1;
                break;
            case "WW" or "IW":
                ReadNumber(node, ref fields.Week, 2);
                break;
            case "Q":
                var ignored = 0;
                ReadNumber(node, ref ignored, 1);
                break;
            case "CC":
                ReadNumber(node, ref fields.Century, 2);
                break;
            case "W":
                ReadNumber(node, ref fields.WeekOfMonth, 1);
                break;
            case "J":
                ReadNumber(node, ref fields.JulianDay, 1);
                break;
            case "Y,YYY":
                ReadThousands(node);
                break;
            default:
                ReadYear(node);
                break;
        }
    }

    private void SetNoon(in FormatNode node, string[] words)
    {
        Set(node, ref _fields.AfterNoon, ReadWord(node, words) % 2);
        _fields.TwelveHours = true;
    }

    private void SetDay(in FormatNode node, string[] names)
    {
        Set(node, ref _fields.DayOfWeek, ReadWord(node, names));
        _fields.DayOfWeek++;
    }

    private void SetConvention(string field)
    {
        bool? isoWeeks = field[0] == 'I' ? true
            : field is "DDD" or "DD" or "D" or "MM" or "MONTH" or "MON" or "RM" or "WW" or "W" || field[0] == 'Y' ? false
            : null;
        if (isoWeeks is null)
        {
            return;
        }

        _fields.IsoWeeks ??= isoWeeks;
        if (_fields.IsoWeeks != isoWeeks)
        {
            throw FormatErrors.Invalid(
                "invalid combination of date conventions",
                hint: "Do not mix Gregorian and ISO week date conventions in a formatting template.");
        }
    }

    private void SkipOrdinal(in FormatNode node)
    {
        var isNumber = node.Field != "TZM" && (DateTemplate.IsDigits(node.Field) || node.Field.StartsWith("FF", StringComparison.Ordinal));
        for (var i = 0; i < 2 && isNumber && (node.Suffix & FormatSuffix.Ordinal) != 0 && _at < text.Length; i++)
        {
            SkipCharacter();
        }
    }

    private void ReadYear(in FormatNode node)
    {
        var digits = node.Field.Length;
        var length = ReadNumber(node, ref _fields.Year, digits);
        if (digits < 4 && length < 4)
        {
            // A year of few digits is the one nearest to 2020.
            _fields.Year = _fields.Year switch
            {
                < 70 => _fields.Year + 2000,
                < 100 => _fields.Year + 1900,
                < 520 => _fields.Year + 2000,
                < 1000 => _fields.Year + 1000,
                _ => _fields.Year,
            };
        }

        _fields.YearDigits = digits;
    }

    private void ReadThousands(in FormatNode node)
    {
        var at = _at;
        var thousands = ScanInteger(ref at, int.MaxValue);
        if (thousands is null || at >= text.Length || text[at] != ',')
        {
            throw FormatErrors.Invalid("invalid input string for \"Y,YYY\"");
        }

        at++;
        var years = ScanInteger(ref at, 3) ?? throw FormatErrors.Invalid("invalid input string for \"Y,YYY\"");
        Set(node, ref _fields.Year, unchecked((int)(years + (thousands.Value * 1000))));
        _fields.YearDigits = 4;
        _at = at;
    }

    private void ReadZoneHours(in FormatNode node)
    {
        // A minus that was taken for a separator belongs to the zone after all.
        if (text[_at] is '+' or '-' or ' ')
        {
            _fields.ZoneSign = text[_at++] == '-' ? -1 : 1;
        }
        else
        {
            _fields.ZoneSign = _extra > 0 && text[_at - 1] == '-' ? -1 : 1;
        }

        ReadNumber(node, ref _fields.ZoneHours, 2);
    }

    /// <summary>Reads digits behind a point: one digit less is a tenth.</summary>
    private void ReadFraction(in FormatNode node, ref int target, int digits, int unit)
    {
        var length = ReadNumber(node, ref target, digits);
        for (; length < unit; length++)
        {
            target = unchecked(target * 10);
        }
    }

    private static void Set(in FormatNode node, ref int target, int value)
    {
        if (target != 0 && target != value)
        {
            throw FormatErrors.Invalid(
                $"conflicting values for \"{node.Text}\" field in formatting string",
                "This value contradicts a previous setting for the same field type.");
        }

        target = value;
    }

    /// <summary>Reads a number of so many digits, or of any where something else than a digit must follow it.</summary>
    /// <returns>The characters that were read, blanks included.</returns>
    private int ReadNumber(in FormatNode node, ref int target, int length)
    {
        var start = _at;
        while (_at < text.Length && FormatParser.IsSpace(text[_at]))
        {
            _at++;
        }

        var left = text.Length - _at;
        var copy = text.Substring(_at, Math.Min(length, left));
        long? number;
        if ((node.Suffix & FormatSuffix.Fill) != 0 || EndsByItself(node))
        {
            number = ScanInteger(ref _at, int.MaxValue);
            _at = number is null ? start : _at;
        }
        else
        {
            const string Hint = "If your source string is not fixed-width, try using the \"FM\" modifier.";
            if (left < length)
            {
                throw FormatErrors.Invalid(
                    $"source string too short for \"{node.Text}\" formatting field", $"Field requires {length} characters, but only {left} remain.",
                    Hint);
            }

            // Blanks alone are a zero.
            var at = _at;
            var scanned = ScanInteger(ref at, length);
            number = scanned ?? 0;
            var used = scanned is null ? 0 : at - _at;
            if (used > 0 && used < length)
            {
                throw FormatErrors.Invalid(
                    $"invalid value \"{Shown(copy)}\" for \"{node.Text}\"",
                    $"Field requires {length} characters, but only {used} could be parsed.", Hint);
            }

            _at += used;
        }

        if (_at == start || number is null)
        {
            throw FormatErrors.Invalid($"invalid value \"{Shown(copy)}\" for \"{node.Text}\"", "Value must be an integer.");
        }

        if (number is < int.MinValue or > int.MaxValue)
        {
            throw new TypeException(
                SqlState.DatetimeFieldOverflow, $"value for \"{node.Text}\" in source string is out of range",
                string.Create(CultureInfo.InvariantCulture, $"Value must be in the range {int.MinValue} to {int.MaxValue}."));
        }

        Set(node, ref target, (int)number.Value);
        return _at - start;
    }

    /// <summary>Scans an integer as C's strtol does; null if there is none.</summary>
    private readonly long? ScanInteger(ref int at, int width)
    {
        var end = width == int.MaxValue ? text.Length : Math.Min(text.Length, at + width);
        var next = at;
        while (next < end && FormatParser.IsSpace(text[next]))
        {
            next++;
        }

        var negative = next < end && text[next] == '-';
        next += next < end && text[next] is '-' or '+' ? 1 : 0;
        var first = next;
        var value = 0L;
        for (; next < end && char.IsAsciiDigit(text[next]); next++)
        {
            value = Math.Min((value * 10) + text[next] - '0', long.MaxValue / 100);
        }

        if (next == first)
        {
            return null;
        }

        at = next;
        return negative ? -value : value;
    }

    private readonly bool EndsByItself(in FormatNode node)
    {
        if ((node.Suffix & FormatSuffix.Ordinal) != 0 || _node + 1 == template.Nodes.Length)
        {
            return true;
        }

        var next = template.Nodes[_node + 1];
        return next.Kind == FormatNodeKind.Field ? !DateTemplate.IsDigits(next.Field) : !char.IsAsciiDigit(next.Text[0]);
    }

    private int ReadWord(in FormatNode node, string[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (string.Compare(text, _at, words[i], 0, words[i].Length, StringComparison.OrdinalIgnoreCase) == 0 && _at + words[i].Length <= text.Length)
            {
                _at += words[i].Length;
                return i;
            }
        }

        var end = _at;
        while (end < text.Length && !FormatParser.IsSpace(text[end]))
        {
            end++;
        }

        throw FormatErrors.Invalid(
            $"invalid value \"{Shown(text[_at..end])}\" for \"{node.Text}\"", "The given value did not match any of the allowed values for this field.");
    }
}
