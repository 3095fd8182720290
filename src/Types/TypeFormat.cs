using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types;

/// <summary>format_type: a type's name as SQL writes it, with its modifier.</summary>
public static class TypeFormat
{
    /// <param name="modifier">-1 for none; null as format_type(oid, NULL), which names char and bit by their SQL names.</param>
    public static string Name(uint oid, int? modifier = null)
    {
        if (oid == 0)
        {
            return "-";
        }

        if (PgTypes.Find(oid) is not { } type)
        {
            return "???";
        }

        if (type.IsArray)
        {
            return Name(type.ElementOid, modifier) + "[]";
        }

        return modifier is { } value ? WithModifier(type, value) : type.SqlName;
    }

    private static string WithModifier(PgTypeInfo type, int modifier)
    {
        switch (type.Oid)
        {
            // Without a modifier these would be read as having the length 1.
            case PgTypes.BpChar when modifier < 0:
                return "bpchar";
            case PgTypes.Bit when modifier < 0:
                return "\"bit\"";
        }

        if (modifier < 0)
        {
            return type.SqlName;
        }

        return type.Oid switch
        {
            PgTypes.BpChar or PgTypes.VarChar when modifier <= Modifiers.HeaderBytes => type.SqlName,
            PgTypes.BpChar or PgTypes.VarChar => $"{type.SqlName}({modifier - Modifiers.HeaderBytes})",
            PgTypes.Bit or PgTypes.VarBit => $"{type.SqlName}({modifier})",
            PgTypes.Numeric => Modifiers.Numeric(modifier) is var (precision, scale) && modifier >= Modifiers.HeaderBytes
                ? $"numeric({precision},{scale})" : "numeric",
            PgTypes.Time => $"time({modifier}) without time zone",
            PgTypes.TimeTz => $"time({modifier}) with time zone",
            PgTypes.Timestamp => $"timestamp({modifier}) without time zone",
            PgTypes.TimestampTz => $"timestamp({modifier}) with time zone",
            PgTypes.Interval => "interval" + Fields(modifier)
                + ((modifier & 0xFFFF) == Modifiers.IntervalFullPrecision ? "" : $"({modifier & 0xFFFF})"),
            PgTypes.Bool or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 => type.SqlName,

            // A type without modifiers of its own shows the number.
            _ => $"{type.SqlName}({modifier})",
        };
    }

    private static string Fields(int modifier) => ((modifier >> 16) & 0x7FFF) switch
    {
        Modifiers.IntervalFullRange => "",
        IntervalFields.Year => " year",
        IntervalFields.Month => " month",
        IntervalFields.Day => " day",
        IntervalFields.Hour => " hour",
        IntervalFields.Minute => " minute",
        IntervalFields.Second => " second",
        IntervalFields.Year | IntervalFields.Month => " year to month",
        IntervalFields.Day | IntervalFields.Hour => " day to hour",
        IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute => " day to minute",
        IntervalFields.Day | IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second => " day to second",
        IntervalFields.Hour | IntervalFields.Minute => " hour to minute",
        IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second => " hour to second",
        IntervalFields.Minute | IntervalFields.Second => " minute to second",
        _ => throw new TypeException(SqlState.InternalError, $"invalid INTERVAL typmod: 0x{modifier:x}"),
    };
}
