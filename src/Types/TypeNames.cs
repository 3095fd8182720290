using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types;

/// <summary>
/// PostgreSQL's spellings of types, with modifiers and brackets: <c>varchar(20)</c>, <c>timestamp (3) with time zone</c>, <c>int4[]</c>.
/// </summary>
public static class TypeNames
{
    private const int LengthMax = 10_485_760;

    private static readonly FrozenDictionary<string, uint> s_names = new Dictionary<string, uint>
    {
        ["boolean"] = PgTypes.Bool,
        ["bigint"] = PgTypes.Int8,
        ["bigserial"] = PgTypes.Int8,
        ["serial8"] = PgTypes.Int8,
        ["smallint"] = PgTypes.Int2,
        ["smallserial"] = PgTypes.Int2,
        ["serial2"] = PgTypes.Int2,
        ["int"] = PgTypes.Int4,
        ["integer"] = PgTypes.Int4,
        ["serial"] = PgTypes.Int4,
        ["serial4"] = PgTypes.Int4,
        ["real"] = PgTypes.Float4,
        ["double precision"] = PgTypes.Float8,
        ["float"] = PgTypes.Float8,
        ["char"] = PgTypes.BpChar,
        ["character"] = PgTypes.BpChar,
        ["nchar"] = PgTypes.BpChar,
        ["national char"] = PgTypes.BpChar,
        ["national character"] = PgTypes.BpChar,
        ["char varying"] = PgTypes.VarChar,
        ["character varying"] = PgTypes.VarChar,
        ["nchar varying"] = PgTypes.VarChar,
        ["national char varying"] = PgTypes.VarChar,
        ["national character varying"] = PgTypes.VarChar,
        ["bit varying"] = PgTypes.VarBit,
        ["time without time zone"] = PgTypes.Time,
        ["time with time zone"] = PgTypes.TimeTz,
        ["timestamp without time zone"] = PgTypes.Timestamp,
        ["timestamp with time zone"] = PgTypes.TimestampTz,
        ["decimal"] = PgTypes.Numeric,
        ["dec"] = PgTypes.Numeric,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int> s_fields = new Dictionary<string, int>
    {
        ["year"] = IntervalFields.Year,
        ["month"] = IntervalFields.Month,
        ["day"] = IntervalFields.Day,
        ["hour"] = IntervalFields.Hour,
        ["minute"] = IntervalFields.Minute,
        ["second"] = IntervalFields.Second,
        ["year to month"] = IntervalFields.Year | IntervalFields.Month,
        ["day to hour"] = IntervalFields.Day | IntervalFields.Hour,
        ["day to minute"] = IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute,
        ["day to second"] = IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second,
        ["hour to minute"] = IntervalFields.Hour | IntervalFields.Minute,
        ["hour to second"] = IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second,
        ["minute to second"] = IntervalFields.Minute | IntervalFields.Second,
    }.ToFrozenDictionary();

    /// <summary>Reads a whole text as the name of a built-in type.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out PgType type)
    {
        type = default;
        var words = new StringBuilder();
        int[]? arguments = null;
        var quoted = false;
        var rest = text.Trim();
        var brackets = 0;
        while (!rest.IsEmpty)
        {
            if (rest[0] == '(')
            {
                var end = rest.IndexOf(')');
                if (end < 0 || arguments is not null || words.Length == 0 || !TryArguments(rest[1..end], out arguments))
                {
                    return false;
                }

                rest = rest[(end + 1)..].TrimStart();
            }
            else if (rest[0] == '[')
            {
                var end = rest.IndexOf(']');
                if (end < 0 || rest[1..end].Trim().ContainsAnyExceptInRange('0', '9'))
                {
                    return false;
                }

                brackets++;
                rest = rest[(end + 1)..].TrimStart();
            }
            else if (brackets > 0 || !TryWord(ref rest, words, ref quoted))
            {
                return false;
            }
        }

        return TryResolve(words.ToString(), quoted, arguments, out type) && TryArray(brackets, ref type);
    }

    private static bool TryWord(ref ReadOnlySpan<char> rest, StringBuilder words, ref bool quoted)
    {
        var end = 0;
        if (rest[0] == '"')
        {
            var close = rest[1..].IndexOf('"');
            if (close < 1 || words.Length > 0)
            {
                return false;
            }

            words.Append(rest.Slice(1, close));
            quoted = true;
            end = close + 2;
        }
        else
        {
            while (end < rest.Length && (char.IsLetterOrDigit(rest[end]) || rest[end] is '_' or '$'))
            {
                end++;
            }

            if (end == 0 || quoted)
            {
                return false;
            }

            if (words.Length > 0)
            {
                words.Append(' ');
            }

            words.Append(rest[..end].ToString().ToLowerInvariant());
        }

        rest = rest[end..].TrimStart();
        if (!rest.IsEmpty && rest[0] == '.')
        {
            // Behind the schema the catalog's names stand, where "char" is the one-byte type.
            var schema = words.ToString() == "pg_catalog";
            words.Clear();
            rest = rest[1..].TrimStart();
            var ok = schema && !rest.IsEmpty && TryWord(ref rest, words, ref quoted);
            quoted = true;
            return ok;
        }

        return true;
    }

    private static bool TryArguments(ReadOnlySpan<char> text, out int[]? arguments)
    {
        var parts = text.ToString().Split(',');
        arguments = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out arguments[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryArray(int brackets, ref PgType type)
    {
        if (brackets == 0)
        {
            return true;
        }

        type = type with { Oid = PgTypes.ArrayOf(type.Oid) };
        return type.Oid != 0;
    }

    /// <summary>Resolves a name whose parts have been read: its words with single blanks between them.</summary>
    /// <param name="quoted">The name stood in quotes or behind the schema, so it is the catalog's.</param>
    /// <param name="arguments">The numbers in parentheses; null if there are none.</param>
    public static bool TryResolve(string name, bool quoted, int[]? arguments, out PgType type)
    {
        type = default;
        if (!quoted && name.StartsWith("interval", StringComparison.Ordinal) && (name.Length == 8 || name[8] == ' '))
        {
            return TryInterval(name.Length == 8 ? "" : name[9..], arguments, out type);
        }

        uint oid = 0;
        if (!(quoted ? false : s_names.TryGetValue(name, out oid)))
        {
            oid = PgTypes.Find(name)?.Oid ?? 0;
        }

        return oid != 0 && TryApply(quoted ? "" : name, oid, arguments, out type);
    }

    private static bool TryInterval(string fields, int[]? arguments, out PgType type)
    {
        type = default;
        var range = Modifiers.IntervalFullRange;
        if ((fields.Length > 0 && !s_fields.TryGetValue(fields, out range)) || arguments is { Length: > 1 } or [< 0])
        {
            return false;
        }

        if (arguments is not null && fields.Length > 0 && (range & IntervalFields.Second) == 0)
        {
            return false;
        }

        var precision = arguments is null ? Modifiers.IntervalFullPrecision : Math.Min(arguments[0], DateTimes.PrecisionMax);
        type = new PgType(PgTypes.Interval, fields.Length == 0 && arguments is null ? -1 : (range << 16) | precision);
        return true;
    }

    private static bool TryApply(string name, uint oid, int[]? arguments, out PgType type)
    {
        if (arguments is null)
        {
            // The SQL standard's CHARACTER and BIT without a length have the length 1.
            type = new PgType(oid, name switch
            {
                "char" or "character" or "nchar" or "national char" or "national character" => 1 + Modifiers.HeaderBytes,
                "bit" => 1,
                _ => -1,
            });
            return true;
        }

        type = oid switch
        {
            PgTypes.VarChar or PgTypes.BpChar when arguments is [> 0 and <= LengthMax] => new PgType(oid, arguments[0] + Modifiers.HeaderBytes),
            PgTypes.Bit or PgTypes.VarBit when arguments is [> 0 and <= LengthMax * 8] => new PgType(oid, arguments[0]),
            PgTypes.Numeric when arguments is [>= 1 and <= 1000] => new PgType(oid, Modifiers.ForNumeric(arguments[0], 0)),
            PgTypes.Numeric when arguments is [>= 1 and <= 1000, >= -1000 and <= 1000] =>
                new PgType(oid, Modifiers.ForNumeric(arguments[0], arguments[1])),
            PgTypes.Float8 when name == "float" && arguments is [>= 1 and <= 53] =>
                new PgType(arguments[0] <= 24 ? PgTypes.Float4 : PgTypes.Float8),
            PgTypes.Time or PgTypes.TimeTz or PgTypes.Timestamp or PgTypes.TimestampTz when arguments is [>= 0] =>
                new PgType(oid, Math.Min(arguments[0], DateTimes.PrecisionMax)),
            _ => default,
        };
        return type.Oid != 0;
    }
}
