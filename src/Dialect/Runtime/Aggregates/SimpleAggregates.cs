using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime.Operators;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>Counts, the smallest and the largest value, booleans, bits and intervals.</summary>
internal static class SimpleAggregates
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Native("count()", "count(*)");
        registry.Native("count(\"any\")", "count({0})");
        registry.Native("bool_and(boolean)", "min({0})");
        registry.Native("every(boolean)", "min({0})");
        registry.Native("bool_or(boolean)", "max({0})");
        foreach (var function in Builtins.Functions.Where(f => f.Kind == 'a' && f.Name is "min" or "max"))
        {
            // An index gives SQLite the answer at once.
            var type = function.Arguments[0];
            if (type == PgTypes.AnyArray)
            {
                registry.Native(function.Signature, function.Name + "({0} {c0})");
            }
            else if (SupportedTypes.Contains(type))
            {
                registry.Native(function.Signature, TypeCollations.NameOf(type) is { } name ? $"{function.Name}({{0}} COLLATE {name})" : function.Name + "({0})");
            }
        }

        foreach (var type in new[] { "smallint", "integer", "bigint" })
        {
            registry.Aggregate($"bit_and({type})", () => new IntegerBits(static (a, b) => a & b));
            registry.Aggregate($"bit_or({type})", () => new IntegerBits(static (a, b) => a | b));
            registry.Aggregate($"bit_xor({type})", () => new IntegerBits(static (a, b) => a ^ b));
        }

        registry.Aggregate("bit_and(bit)", () => new StringBits("AND", static (a, b) => (byte)(a & b)));
        registry.Aggregate("bit_or(bit)", () => new StringBits("OR", static (a, b) => (byte)(a | b)));
        registry.Aggregate("bit_xor(bit)", () => new StringBits("XOR", static (a, b) => (byte)('0' + (a ^ b))));
        registry.Aggregate("sum(interval)", () => new IntervalSum(average: false), exact: true);
        registry.Aggregate("avg(interval)", () => new IntervalSum(average: true), exact: true);
    }

    private sealed class IntegerBits(Func<long, long, long> operation) : Accumulator<long>
    {
        private long? _bits;

        public override long Read(in FunctionCall call) => call.Integer(0);

        public override void Add(in long row) => _bits = _bits is { } bits ? operation(bits, row) : row;

        public override void Answer(in FunctionCall call)
        {
            if (_bits is { } bits)
            {
                call.Return(bits);
            }
        }
    }

    private sealed class StringBits(string name, Func<byte, byte, byte> operation) : Accumulator<byte[]>
    {
        private byte[]? _bits;

        public override byte[] Read(in FunctionCall call) => call.Bytes(0).ToArray();

        public override void Add(in byte[] row)
        {
            if (_bits is null)
            {
                _bits = [.. row];
                return;
            }

            if (_bits.Length != row.Length)
            {
                throw new TypeException(SqlState.StringDataLengthMismatch, $"cannot {name} bit strings of different sizes");
            }

            for (var i = 0; i < row.Length; i++)
            {
                _bits[i] = operation(_bits[i], row[i]);
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (_bits is not null)
            {
                call.ReturnText(_bits);
            }
        }
    }

    private sealed class IntervalSum(bool average) : Accumulator<Interval>
    {
        private Interval _sum;
        private long _count;

        public override Interval Read(in FunctionCall call) => call.Interval(0);

        public override void Add(in Interval row)
        {
            _sum += row;
            _count++;
        }

        public override bool TryRemove(in Interval row)
        {
            _sum -= row;
            _count--;
            return true;
        }

        public override void Answer(in FunctionCall call)
        {
            if (_count > 0)
            {
                call.Return(average ? _sum / _count : _sum);
            }
        }
    }
}
