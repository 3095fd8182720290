using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>The functions that lowered text calls for what is no function in PostgreSQL. Their names never change: views hold them.</summary>
internal static class LoweringFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Helper("pg_raise", -1, Raise, strict: false);
        registry.Helper("pg_limit", 1, (in FunctionCall call) => call.Return(Count(call, "LIMIT", -1)), strict: false);
        registry.Helper("pg_offset", 1, (in FunctionCall call) => call.Return(Count(call, "OFFSET", 0)), strict: false);
        registry.Helper("pg_limit_ties", 2, LimitWithTies, strict: false);
        registry.Helper("pg_read", 3, Read);
        registry.Helper("pg_read_session", 3, ReadAsSession, Purity.Stable);
        registry.Helper("pg_write", 3, Write);
        registry.Helper("pg_write_session", 3, WriteAsSession, Purity.Stable);
        registry.Helper("pg_greatest", -1, (in FunctionCall call) => Extreme(call, 1), strict: false);
        registry.Helper("pg_least", -1, (in FunctionCall call) => Extreme(call, -1), strict: false);
        registry.Helper("pg_pad", 2, Pad);
        registry.Helper("pg_oid_int4", 1, (in FunctionCall call) => call.Return((long)(int)(uint)call.Integer(0)));
        registry.Helper("pg_range_key", 2, RangeKey);
        registry.Helper("pg_ntile", 1, (in FunctionCall call) => Positive(call, SqlState.InvalidArgumentForNtileFunction, "ntile"));
        registry.Helper("pg_nth", 1, (in FunctionCall call) => Positive(call, SqlState.InvalidArgumentForNthValueFunction, "nth_value"));
        foreach (var signature in (string[])["pg_typeof(\"any\")", "pg_collation_for(\"any\")", "row_to_json(record)"])
        {
            registry.Special(signature);
        }

        RowFunctions.Register(registry);
        ArrayFunctions.Register(registry);
        KeptRows.Register(registry);
        EnumFunctions.Register(registry);
        RecordFunctions.Register(registry);
        JsonArrays.Register(registry);
        JsonRecords.Register(registry);
        SubscriptAssignments.Register(registry);
        registry.HelperAggregate("pg_single", () => new SingleRow());
        registry.HelperAggregate("pg_any", () => new AnyOf());
        registry.HelperAggregate("pg_all", () => new AllOf());
        registry.HelperAggregate("pg_pack", () => new PackedRows.Packing());
        registry.Table(new PackedRows());
        registry.Table(new ElementTable());
    }

    /// <summary>Raises an error: SQLSTATE, message, hint, detail.</summary>
    private static void Raise(in FunctionCall call) => throw new SqlFunctionException(
        call.String(0), call.String(1), call.Count > 3 && !call.IsNull(3) ? call.String(3) : null,
        call.Count > 2 && !call.IsNull(2) ? call.String(2) : null);

    private static long Count(in FunctionCall call, string clause, long ofNull)
    {
        if (call.IsNull(0))
        {
            return ofNull;
        }

        var count = call.Integer(0);
        return count >= 0
            ? count
            : throw new TypeException(
                clause == "LIMIT" ? SqlState.InvalidRowCountInLimitClause : SqlState.InvalidRowCountInResultOffsetClause,
                $"{clause} must not be negative");
    }

    /// <summary>The highest rank that belongs to a result with ties, of a limit and an offset.</summary>
    private static void LimitWithTies(in FunctionCall call)
    {
        var limit = Count(call, "LIMIT", long.MaxValue);

        // No rows at all, whatever is skipped.
        call.Return(limit == 0 ? 0 : limit > long.MaxValue - call.Integer(1) ? long.MaxValue : limit + call.Integer(1));
    }

    private static void Read(in FunctionCall call) => Read(call, new ValueContext(FormatSettings.Default, ValueContext.NoMoment));

    private static void ReadAsSession(in FunctionCall call) => Read(call, call.Context());

    /// <summary>A type's OID and modifier, and a text: the value that the type's input function makes of it.</summary>
    private static void Read(in FunctionCall call, in ValueContext context)
    {
        var type = TypeOf(call);
        var stored = Arguments.TakeStored();
        Codec.For(type.Oid).ReadText(call.Bytes(2), type, context, stored);
        call.Return(stored.Value);
    }

    private static void Write(in FunctionCall call) => Write(call, ValueContext.Default);

    private static void WriteAsSession(in FunctionCall call) => Write(call, call.Context());

    private static void Write(in FunctionCall call, in ValueContext context)
    {
        var type = TypeOf(call);
        var buffer = Arguments.TakeBuffer();
        Codec.For(type.Oid).WriteText(call.Value(2), type, context, buffer);
        call.ReturnText(buffer.WrittenSpan);
    }

    private static PgType TypeOf(in FunctionCall call) => new((uint)call.Integer(0), (int)call.Integer(1));

    /// <summary>A type's OID and values of it: the greatest, or the least, that is not null.</summary>
    private static void Extreme(in FunctionCall call, int sign)
    {
        var type = new PgType((uint)call.Integer(0));
        var codec = Codec.For(type.Oid);
        var best = 0;
        for (var i = 1; i < call.Count; i++)
        {
            if (!call.IsNull(i) && (best == 0 || Compare(call.Value(i), call.Value(best), codec, type) * sign > 0))
            {
                best = i;
            }
        }

        if (best > 0)
        {
            call.ReturnArgument(best);
        }
    }

    private static int Compare(in SqliteValue left, in SqliteValue right, Codec codec, PgType type) => (left.Class, right.Class) switch
    {
        (StorageClass.Integer, StorageClass.Integer) => left.Integer.CompareTo(right.Integer),
        (StorageClass.Real, StorageClass.Real) => left.Real.CompareTo(right.Real),
        (StorageClass.Text, StorageClass.Text) or (StorageClass.Blob, StorageClass.Blob) => codec.Compare(left, right, type),
        _ => ClassOrder(left).CompareTo(ClassOrder(right)) is var order and not 0
            ? order
            : Stored.Real(left, "double precision").CompareTo(Stored.Real(right, "double precision")),
    };

    // The NaN of a float is a text, which is greater than all numbers.
    private static int ClassOrder(in SqliteValue value) => value.Class is StorageClass.Integer or StorageClass.Real ? 0 : 1;

    /// <summary>A char(n) with its blanks.</summary>
    private static void Pad(in FunctionCall call)
    {
        var text = call.String(0);
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            length += rune.Utf16SequenceLength > 0 ? 1 : 0;
        }

        call.ReturnText(text + new string(' ', (int)Math.Max(0, call.Integer(1) - length)));
    }

    /// <summary>A type's OID and a value: its microseconds, or days for nothing smaller than that.</summary>
    private static void RangeKey(in FunctionCall call)
    {
        var type = (uint)call.Integer(0);
        var value = call.Value(1);
        switch (type)
        {
            case PgTypes.Date:
                var days = StoredMoment.Date(value);
                call.Return(days == int.MaxValue ? long.MaxValue / 2 : days == int.MinValue ? long.MinValue / 2 : days * 86_400_000_000L);
                break;
            case PgTypes.Timestamp or PgTypes.TimestampTz:
                var timestamp = StoredMoment.Timestamp(value, withZone: type == PgTypes.TimestampTz);
                call.Return(Math.Clamp(timestamp, long.MinValue / 2, long.MaxValue / 2));
                break;
            case PgTypes.Interval:
                var interval = Interval.Parse(value.Bytes);
                call.Return((long)(((Int128)interval.Months * 30 * 86_400_000_000) + ((Int128)interval.Days * 86_400_000_000) + interval.Microseconds));
                break;
            default:
                call.Return(TimeMicroseconds(value));
                break;
        }
    }

    private static long TimeMicroseconds(in SqliteValue time)
    {
        // hh:mm:ss with up to six digits behind a point.
        var text = time.Bytes;
        long Number(ReadOnlySpan<byte> digits) => long.Parse(digits, System.Globalization.CultureInfo.InvariantCulture);
        var seconds = (Number(text[..2]) * 3600) + (Number(text[3..5]) * 60) + Number(text[6..8]);
        var fraction = text.Length > 9 ? Number(text[9..]) * (long)Math.Pow(10, 15 - text.Length) : 0;
        return (seconds * 1_000_000) + fraction;
    }

    private static void Positive(in FunctionCall call, string sqlState, string function)
    {
        if (call.Integer(0) <= 0)
        {
            throw new TypeException(sqlState, $"argument of {function} must be greater than zero");
        }

        call.ReturnArgument(0);
    }

    /// <summary>The value of the only row.</summary>
    private sealed class SingleRow : SqlAggregateState
    {
        private readonly StoredValue _value = new();
        private bool _seen;

        public override void Step(in FunctionCall call)
        {
            if (_seen)
            {
                throw new SqlFunctionException(
                    SqlState.CardinalityViolation, "more than one row returned by a subquery used as an expression");
            }

            _seen = true;
            StoredCopies.Set(_value, call.Value(0));
        }

        public override void Answer(in FunctionCall call) => call.Return(_value.Value);
    }

    /// <summary>OR over rows: true if one is, else null if one is, else false.</summary>
    private sealed class AnyOf : SqlAggregateState
    {
        private bool _true;
        private bool _null;

        public override void Step(in FunctionCall call)
        {
            _null |= call.IsNull(0);
            _true |= !call.IsNull(0) && call.Boolean(0);
        }

        public override void Answer(in FunctionCall call)
        {
            if (_true || !_null)
            {
                call.Return(_true);
            }
        }
    }

    /// <summary>AND over rows.</summary>
    private sealed class AllOf : SqlAggregateState
    {
        private bool _false;
        private bool _null;

        public override void Step(in FunctionCall call)
        {
            _null |= call.IsNull(0);
            _false |= !call.IsNull(0) && !call.Boolean(0);
        }

        public override void Answer(in FunctionCall call)
        {
            if (_false || !_null)
            {
                call.Return(!_false);
            }
        }
    }
}

/// <summary>Keeps values that are borrowed.</summary>
internal static class StoredCopies
{
    public static void Set(StoredValue target, in SqliteValue value)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                target.SetInteger(value.Integer);
                break;
            case StorageClass.Real:
                target.SetReal(value.Real);
                break;
            case StorageClass.Text:
                target.SetText(value.Bytes);
                break;
            case StorageClass.Blob:
                target.SetBlob(value.Bytes);
                break;
            default:
                target.SetNull();
                break;
        }
    }

    public static StoredValue Of(in SqliteValue value)
    {
        var stored = new StoredValue();
        Set(stored, value);
        return stored;
    }
}
