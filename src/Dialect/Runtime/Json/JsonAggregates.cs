using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>json_agg, json_object_agg and their twins for jsonb.</summary>
internal static class JsonAggregates
{
    internal static void Register(FunctionRegistry registry)
    {
        registry.Aggregate("json_agg(anyelement)", () => new ArrayState(canonical: false), strict: false, invertible: true);
        registry.Aggregate("jsonb_agg(anyelement)", () => new ArrayState(canonical: true), strict: false, invertible: true);
        registry.Aggregate("json_object_agg(\"any\",\"any\")", () => new ObjectState(), strict: false, invertible: true);
        registry.Aggregate("jsonb_object_agg(\"any\",\"any\")", () => new ObjectStateB(), strict: false, invertible: true, asksSession: true);
    }

    private static void RequireName(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            throw new TypeException(SqlState.InvalidParameterValue, "field name must not be null");
        }
    }

    /// <summary>The texts of the rows so far. A row that leaves the frame of a window is the first of them.</summary>
    private sealed class Pieces
    {
        private const int DroppedMax = 1 << 16;

        private readonly Queue<(int Length, bool OnNewLine)> _pieces = new();
        private ArrayBufferWriter<byte> _text = new();
        private int _start;

        /// <summary>Begins a piece; what is written becomes part of it.</summary>
        public ArrayBufferWriter<byte> Writer => _text;

        public void End(int start, bool onNewLine)
        {
            _pieces.Enqueue((_text.WrittenCount - start, onNewLine));
            ResultSize.Require(_text.WrittenCount - _start + (2L * _pieces.Count));
        }

        public void RemoveFirst()
        {
            _start += _pieces.Dequeue().Length;
            if (_start > DroppedMax && _start > _text.WrittenCount / 2)
            {
                var kept = new ArrayBufferWriter<byte>();
                kept.Write(_text.WrittenSpan[_start..]);
                (_text, _start) = (kept, 0);
            }
        }

        /// <summary>Answers with all pieces; null if there are none.</summary>
        public void Return(in FunctionCall call, ReadOnlySpan<byte> open, ReadOnlySpan<byte> close)
        {
            if (_pieces.Count == 0)
            {
                return;
            }

            var output = Arguments.TakeBuffer();
            output.Write(open);
            var at = _start;
            foreach (var (length, onNewLine) in _pieces)
            {
                if (at > _start)
                {
                    output.Write(onNewLine ? ", \n "u8 : ", "u8);
                }

                output.Write(_text.WrittenSpan.Slice(at, length));
                at += length;
            }

            output.Write(close);
            call.ReturnWritten(output);
        }
    }

    private sealed class ArrayState(bool canonical) : SqlAggregateState
    {
        private readonly Pieces _pieces = new();

        public override void Step(in FunctionCall call)
        {
            var type = call.Types()[0];
            var writer = _pieces.Writer;
            var start = writer.WrittenCount;
            if (canonical)
            {
                JsonText.Write(JsonValues.ToNode(call.Value(0), type, call.Context()), writer);
                JsonValues.RequireDepth(writer.WrittenSpan[start..]);
            }
            else
            {
                JsonValues.Write(call.Value(0), type, call.Context(), writer);
            }

            _pieces.End(start, !canonical && !call.IsNull(0) && (JsonValues.IsArray(type) || JsonValues.IsRow(type)));
        }

        public override void Inverse(in FunctionCall call) => _pieces.RemoveFirst();

        public override void Answer(in FunctionCall call) => _pieces.Return(call, "["u8, "]"u8);
    }

    private sealed class ObjectState : SqlAggregateState
    {
        private readonly Pieces _pieces = new();

        public override void Step(in FunctionCall call)
        {
            RequireName(call);
            var types = call.Types();
            var writer = _pieces.Writer;
            var start = writer.WrittenCount;
            JsonValues.WriteKey(call.Value(0), types[0], call.Context(), writer);
            writer.Write(" : "u8);
            JsonValues.Write(call.Value(1), types[1], call.Context(), writer);
            _pieces.End(start, onNewLine: false);
        }

        public override void Inverse(in FunctionCall call) => _pieces.RemoveFirst();

        public override void Answer(in FunctionCall call) => _pieces.Return(call, "{ "u8, " }"u8);
    }

    private sealed class ObjectStateB : SqlAggregateState
    {
        private readonly Queue<(ReadOnlyMemory<byte> Key, JsonNode Value)> _members = new();
        private long _size;

        public override void Step(in FunctionCall call)
        {
            RequireName(call);
            var types = call.Types();
            var key = JsonValues.ToKey(call.Value(0), types[0], call.Context());
            _members.Enqueue((key, JsonValues.ToNode(call.Value(1), types[1], call.Context())));
            _size += SizeOf(call, key.Length);
            ResultSize.Require(_size);
        }

        public override void Inverse(in FunctionCall call) => _size -= SizeOf(call, _members.Dequeue().Key.Length);

        public override void Answer(in FunctionCall call)
        {
            if (_members.Count > 0)
            {
                call.Return(JsonNode.FromMembers([.. _members]));
            }
        }

        private static long SizeOf(in FunctionCall call, int key) =>
            key + 16L + (call.ClassOf(1) is StorageClass.Text or StorageClass.Blob ? call.Bytes(1).Length : 8);
    }
}
