using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>percentile_cont, percentile_disc and mode. Their rows come in order, since the order stands in the call.</summary>
internal static class OrderedSetAggregates
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Aggregate("percentile_disc(double precision,anyelement)", () => new DiscreteState(many: false), strict: false);
        registry.Aggregate("percentile_disc(double precision[],anyelement)", () => new DiscreteState(many: true), strict: false);
        registry.Aggregate("percentile_cont(double precision,double precision)", () => new DoubleState(many: false), strict: false);
        registry.Aggregate("percentile_cont(double precision[],double precision)", () => new DoubleState(many: true), strict: false);
        registry.Aggregate("percentile_cont(double precision,interval)", () => new IntervalState(many: false), strict: false);
        registry.Aggregate("percentile_cont(double precision[],interval)", () => new IntervalState(many: true), strict: false);
        registry.Aggregate("mode(anyelement)", () => new ModeState());
    }

    /// <summary>A stored value that outlives its row.</summary>
    internal readonly struct Kept
    {
        private readonly StorageClass _class;
        private readonly long _integer;
        private readonly double _real;
        private readonly byte[]? _bytes;

        public Kept(in SqliteValue value)
        {
            _class = value.Class;
            (_integer, _real) = (value.Integer, value.Real);
            _bytes = _class is StorageClass.Text or StorageClass.Blob ? value.Bytes.ToArray() : null;
        }

        public SqliteValue Value => _class switch
        {
            StorageClass.Integer => SqliteValue.FromInteger(_integer),
            StorageClass.Real => SqliteValue.FromReal(_real),
            StorageClass.Text => SqliteValue.FromText(_bytes),
            StorageClass.Blob => SqliteValue.FromBlob(_bytes),
            _ => SqliteValue.Null,
        };
    }

    /// <summary>Keeps the rows and the fractions, which are the same in every row.</summary>
    private abstract class PercentileState<T>(bool many) : SqlAggregateState
    {
        private readonly List<T> _rows = [];
        private Kept? _fractions;

        public override void Step(in FunctionCall call)
        {
            _fractions ??= new Kept(call.Value(0));
            if (!call.IsNull(1))
            {
                _rows.Add(Read(call));
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (_fractions is not { Value.Class: not StorageClass.Null } kept)
            {
                return;
            }

            if (!many)
            {
                var fraction = Require(Stored.Real(kept.Value, "double precision"));
                if (_rows.Count > 0)
                {
                    Return(call, At(_rows, fraction));
                }

                return;
            }

            var (dimensions, fractions) = JsonElements.Read(kept.Value, PgTypes.Float8, "double precision[]");
            foreach (var fraction in fractions.Where(f => f.Value.Class != StorageClass.Null))
            {
                Require(Stored.Real(fraction.Value, "double precision"));
            }

            if (_rows.Count == 0)
            {
                return;
            }

            var output = new ArrayBufferWriter<byte>();
            WriteArray(dimensions, fractions, output);
            call.ReturnText(output.WrittenSpan);
        }

        protected abstract T Read(in FunctionCall call);

        protected abstract T At(List<T> rows, double fraction);

        protected abstract void Return(in FunctionCall call, T value);

        protected abstract void WriteElement(T value, IBufferWriter<byte> output);

        private void WriteArray(int[] dimensions, List<StoredValue> fractions, ArrayBufferWriter<byte> output)
        {
            if (fractions.Count == 0)
            {
                output.Write("[]"u8);
                return;
            }

            for (var i = 0; i < fractions.Count; i++)
            {
                output.Write(i > 0 ? ","u8 : default);
                Brackets(dimensions, i, open: true, output);
                if (fractions[i].Value.Class == StorageClass.Null)
                {
                    output.Write("null"u8);
                }
                else
                {
                    WriteElement(At(_rows, Stored.Real(fractions[i].Value, "double precision")), output);
                }

                Brackets(dimensions, i + 1, open: false, output);
            }
        }

        /// <summary>Writes the brackets of the dimensions that begin or end before an element.</summary>
        private static void Brackets(int[] dimensions, int index, bool open, ArrayBufferWriter<byte> output)
        {
            var size = 1;
            for (var i = dimensions.Length - 1; i >= 0; i--)
            {
                size *= dimensions[i];
                if (index % size == 0)
                {
                    output.Write(open ? "["u8 : "]"u8);
                }
            }
        }

        private static double Require(double fraction) => fraction is >= 0 and <= 1
            ? fraction
            : throw new TypeException(
                SqlState.NumericValueOutOfRange, $"percentile value {Shown(fraction)} is not between 0 and 1");

        // As printf's %g shows it.
        private static string Shown(double fraction)
        {
            Span<byte> text = stackalloc byte[FloatText.LengthMax];
            return System.Text.Encoding.ASCII.GetString(text[..FloatText.Write(text, fraction, extraDigits: -9)]);
        }
    }

    private sealed class DiscreteState(bool many) : PercentileState<Kept>(many)
    {
        protected override Kept Read(in FunctionCall call) => new(call.Value(1));

        protected override Kept At(List<Kept> rows, double fraction) => rows[Math.Max(0, (int)Math.Ceiling(fraction * rows.Count) - 1)];

        protected override void Return(in FunctionCall call, Kept value) => call.Return(value.Value);

        protected override void WriteElement(Kept value, IBufferWriter<byte> output) => JsonElements.Write(value.Value, output);
    }

    private sealed class DoubleState(bool many) : PercentileState<double>(many)
    {
        protected override double Read(in FunctionCall call) => call.Float8(1);

        protected override double At(List<double> rows, double fraction)
        {
            var place = fraction * (rows.Count - 1);
            var (first, second) = (rows[(int)Math.Floor(place)], rows[(int)Math.Ceiling(place)]);
            return Math.Floor(place) == Math.Ceiling(place) ? first : first + ((place - Math.Floor(place)) * (second - first));
        }

        protected override void Return(in FunctionCall call, double value) => call.ReturnFloat8(value);

        protected override void WriteElement(double value, IBufferWriter<byte> output) =>
            JsonElements.Write(double.IsNaN(value) ? SqliteValue.FromText("NaN"u8) : SqliteValue.FromReal(value), output);
    }

    private sealed class IntervalState(bool many) : PercentileState<Interval>(many)
    {
        protected override Interval Read(in FunctionCall call) => call.Interval(1);

        protected override Interval At(List<Interval> rows, double fraction)
        {
            var place = fraction * (rows.Count - 1);
            var (first, second) = (rows[(int)Math.Floor(place)], rows[(int)Math.Ceiling(place)]);
            return Math.Floor(place) == Math.Ceiling(place) ? first : ((second - first) * (place - Math.Floor(place))) + first;
        }

        protected override void Return(in FunctionCall call, Interval value) => call.Return(value);

        protected override void WriteElement(Interval value, IBufferWriter<byte> output)
        {
            var stored = Arguments.TakeStored();
            StoredMoment.Set(stored, value);
            JsonElements.Write(stored.Value, output);
        }
    }

    /// <summary>The first of the most frequent values.</summary>
    private sealed class ModeState : SqlAggregateState
    {
        private Kept? _last;
        private long _count;
        private Kept? _mode;
        private long _modeCount;

        public override void Step(in FunctionCall call)
        {
            var type = call.Types()[0];
            var value = call.Value(0);
            if (_last is { } last && Codec.For(type.Oid).Compare(last.Value, value, type) == 0)
            {
                _count++;
            }
            else
            {
                (_last, _count) = (new Kept(value), 1);
            }

            if (_count > _modeCount)
            {
                (_mode, _modeCount) = (_last, _count);
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (_mode is { } mode)
            {
                call.Return(mode.Value);
            }
        }
    }
}
