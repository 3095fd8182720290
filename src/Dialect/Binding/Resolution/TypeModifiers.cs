using System.Text;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The modifiers that types are written with, packed and checked as the types' typmodin functions do.</summary>
internal static class TypeModifiers
{
    private const int LengthMax = 10 * 1024 * 1024;
    private const int PrecisionMax = 1000;

    /// <param name="notices">Takes the warnings of precisions that are cut down.</param>
    /// <exception cref="TypeException">The modifiers are none of the type.</exception>
    public static int Read(PgTypeInfo type, IReadOnlyList<string> arguments, Action<Notice> notices)
    {
        var numbers = arguments.Select(argument => Integers.ParseInt4(Encoding.UTF8.GetBytes(argument))).ToArray();
        return type.ModifierInput switch
        {
            "bpchartypmodin" => Length(numbers, "char", LengthMax) + Modifiers.HeaderBytes,
            "varchartypmodin" => Length(numbers, "varchar", LengthMax) + Modifiers.HeaderBytes,
            "bittypmodin" => Length(numbers, "bit", LengthMax * 8),
            "varbittypmodin" => Length(numbers, "varbit", LengthMax * 8),
            "numerictypmodin" => Numeric(numbers),
            "timetypmodin" => Precision(numbers, "TIME", "", notices),
            "timetztypmodin" => Precision(numbers, "TIME", " WITH TIME ZONE", notices),
            "timestamptypmodin" => Precision(numbers, "TIMESTAMP", "", notices),
            "timestamptztypmodin" => Precision(numbers, "TIMESTAMP", " WITH TIME ZONE", notices),
            "intervaltypmodin" => IntervalModifier(numbers, notices),
            _ => throw TypeErrors.NotSupported($"modifiers of type {type.SqlName} are not supported"),
        };
    }

    private static TypeException Invalid(string message) => new(SqlState.InvalidParameterValue, message);

    private static int Length(int[] numbers, string name, int max) => numbers switch
    {
        [< 1] => throw Invalid($"length for type {name} must be at least 1"),
        [var length] => length <= max ? length : throw Invalid($"length for type {name} cannot exceed {max}"),
        _ => throw Invalid("invalid type modifier"),
    };

    private static int Numeric(int[] numbers)
    {
        if (numbers.Length is not (1 or 2))
        {
            throw Invalid("invalid NUMERIC type modifier");
        }

        if (numbers[0] is < 1 or > PrecisionMax)
        {
            throw Invalid($"NUMERIC precision {numbers[0]} must be between 1 and {PrecisionMax}");
        }

        var scale = numbers.Length == 2 ? numbers[1] : 0;
        return scale is < -PrecisionMax or > PrecisionMax
            ? throw Invalid($"NUMERIC scale {scale} must be between -{PrecisionMax} and {PrecisionMax}")
            : Modifiers.ForNumeric(numbers[0], scale);
    }

    private static int Precision(int[] numbers, string name, string zone, Action<Notice> notices)
    {
        if (numbers is not [var precision])
        {
            throw Invalid("invalid type modifier");
        }

        return precision < 0
            ? throw Invalid($"{name}({precision}){zone} precision must not be negative")
            : Reduce(precision, $"{name}({precision}){zone}", notices);
    }

    private static int Reduce(int precision, string shown, Action<Notice> notices)
    {
        if (precision <= DateTimes.PrecisionMax)
        {
            return precision;
        }

        notices(new Notice(
            "WARNING", SqlState.InvalidParameterValue, $"{shown} precision reduced to maximum allowed, {DateTimes.PrecisionMax}"));
        return DateTimes.PrecisionMax;
    }

    private static int IntervalModifier(int[] numbers, Action<Notice> notices)
    {
        if (numbers.Length == 0 || !IsRange(numbers[0]))
        {
            throw Invalid("invalid INTERVAL type modifier");
        }

        return numbers switch
        {
            [Modifiers.IntervalFullRange] => -1,
            [var range] => (range << 16) | Modifiers.IntervalFullPrecision,
            [_, < 0] => throw Invalid($"INTERVAL({numbers[1]}) precision must not be negative"),
            [var range, var precision] => (range << 16) | Reduce(precision, $"INTERVAL({precision})", notices),
            _ => throw Invalid("invalid INTERVAL type modifier"),
        };
    }

    private static bool IsRange(int range) => range is Modifiers.IntervalFullRange
        or IntervalFields.Year or IntervalFields.Month or IntervalFields.Day or IntervalFields.Hour or IntervalFields.Minute
        or IntervalFields.Second
        or (IntervalFields.Year | IntervalFields.Month)
        or (IntervalFields.Day | IntervalFields.Hour)
        or (IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute)
        or (IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second)
        or (IntervalFields.Hour | IntervalFields.Minute)
        or (IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second)
        or (IntervalFields.Minute | IntervalFields.Second);
}
