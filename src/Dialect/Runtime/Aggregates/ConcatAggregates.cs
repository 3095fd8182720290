using System.Buffers;
using Rqlite.Pg.Dialect.Runtime.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime.Aggregates;

/// <summary>string_agg and array_agg.</summary>
internal static class ConcatAggregates
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Aggregate("string_agg(text,text)", () => new StringState(text: true), strict: false, invertible: true);
        registry.Aggregate("string_agg(bytea,bytea)", () => new StringState(text: false), strict: false, invertible: true);
        registry.Aggregate("array_agg(anynonarray)", () => new ArrayState(), strict: false, invertible: true);
        registry.Aggregate("array_agg(anyarray)", () => new NestedArrayState(), strict: false, invertible: true);
    }

    /// <summary>Pieces one behind the other, of which the first can be taken away.</summary>
    private sealed class Pieces
    {
        private readonly Queue<(int Separator, int Length)> _pieces = new();
        private byte[] _bytes = new byte[64];
        private int _start;
        private int _end;

        public bool IsEmpty => _pieces.Count == 0;

        /// <summary>All pieces with the separators between them.</summary>
        public ReadOnlySpan<byte> Written => IsEmpty ? default : _bytes.AsSpan((_start + _pieces.Peek().Separator).._end);

        public void Add(ReadOnlySpan<byte> separator, ReadOnlySpan<byte> piece)
        {
            var length = separator.Length + piece.Length;
            Characters.RequireLength((long)_end - _start + length);
            Reserve(length);
            separator.CopyTo(_bytes.AsSpan(_end));
            piece.CopyTo(_bytes.AsSpan(_end + separator.Length));
            _end += length;
            _pieces.Enqueue((separator.Length, piece.Length));
        }

        public void RemoveFirst()
        {
            var (separator, length) = _pieces.Dequeue();
            _start += separator + length;
        }

        private void Reserve(int length)
        {
            if (_end + length <= _bytes.Length)
            {
                return;
            }

            var target = _end - _start + length <= _bytes.Length / 2 ? _bytes : new byte[Math.Max(2 * _bytes.Length, _end - _start + length)];
            _bytes.AsSpan(_start.._end).CopyTo(target);
            (_bytes, _end, _start) = (target, _end - _start, 0);
        }
    }

    private sealed class StringState(bool text) : SqlAggregateState
    {
        private readonly Pieces _pieces = new();

        public override void Step(in FunctionCall call)
        {
            if (!call.IsNull(0))
            {
                _pieces.Add(call.IsNull(1) ? default : call.Bytes(1), call.Bytes(0));
            }
        }

        public override void Inverse(in FunctionCall call)
        {
            if (!call.IsNull(0))
            {
                _pieces.RemoveFirst();
            }
        }

        public override void Answer(in FunctionCall call)
        {
            if (_pieces.IsEmpty)
            {
                return;
            }

            if (text)
            {
                call.ReturnText(_pieces.Written);
            }
            else
            {
                call.ReturnBlob(_pieces.Written);
            }
        }
    }

    private class ArrayState : SqlAggregateState
    {
        private readonly Pieces _pieces = new();

        public override void Step(in FunctionCall call)
        {
            var output = Arguments.TakeBuffer();
            JsonElements.Write(call.Value(0), output);
            Add(output.WrittenSpan);
        }

        public override void Inverse(in FunctionCall call) => _pieces.RemoveFirst();

        public override void Answer(in FunctionCall call)
        {
            if (_pieces.IsEmpty)
            {
                return;
            }

            var output = Arguments.TakeBuffer();
            output.Write("["u8);
            output.Write(_pieces.Written);
            output.Write("]"u8);
            call.ReturnText(output.WrittenSpan);
        }

        protected void Add(ReadOnlySpan<byte> element) => _pieces.Add(","u8, element);
    }

    /// <summary>Arrays as elements of one with a dimension more, so all must have the same dimensions.</summary>
    private sealed class NestedArrayState : ArrayState
    {
        private int[]? _dimensions;

        public override void Step(in FunctionCall call)
        {
            if (call.IsNull(0))
            {
                throw new TypeException(SqlState.NullValueNotAllowed, "cannot accumulate null arrays");
            }

            var array = call.Types()[0].Oid;
            var (dimensions, _) = JsonElements.Read(call.Value(0), PgTypes.ElementOf(array), PgTypes.SqlNameOf(array));
            if (_dimensions is not null && !_dimensions.AsSpan().SequenceEqual(dimensions))
            {
                throw new TypeException(SqlState.ArrayElementError, "cannot accumulate arrays of different dimensionality");
            }

            if (dimensions.Length == 0)
            {
                throw new TypeException(SqlState.ArrayElementError, "cannot accumulate empty arrays");
            }

            _dimensions = dimensions;
            Add(call.Bytes(0));
        }
    }
}
