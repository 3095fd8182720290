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
        registry.Aggregate("json_agg(anyelement)", () => new ArrayState(canonical: false), strict: false);
        registry.Aggregate("jsonb_agg(anyelement)", () => new ArrayState(canonical: true), strict: false);
        registry.Aggregate("json_object_agg(\"any\",\"any\")", () => new ObjectState(), strict: false);
        registry.Aggregate("jsonb_object_agg(\"any\",\"any\")", () => new ObjectStateB(), strict: false, asksSession: true);
    }

    private static void RequireName(in FunctionCall call)
    {
        if (call.IsNull(0))
        {
            throw new TypeException(SqlState.InvalidParameterValue, "field name must not be null");
        }
    }

    private static void ReturnClosed(in FunctionCall call, ArrayBufferWriter<byte> written, ReadOnlySpan<byte> end)
    {
        if (written.WrittenCount == 0)
        {
            return;
        }

        // More rows may follow, so that the end is not kept.
        var whole = Arguments.TakeBuffer();
        whole.Write(written.WrittenSpan);
        whole.Write(end);
        call.ReturnWritten(whole);
    }

    private sealed class ArrayState(bool canonical) : SqlAggregateState
    {
        private readonly ArrayBufferWriter<byte> _written = new();

        public override void Step(in FunctionCall call)
        {
            var type = call.Types()[0];
            var first = _written.WrittenCount == 0;
            _written.Write(first ? "["u8 : ", "u8);
            if (canonical)
            {
                var node = JsonValues.ToNode(call.Value(0), type, call.Context());
                var start = _written.WrittenCount;
                JsonText.Write(node, _written);
                JsonValues.RequireDepth(_written.WrittenSpan[start..]);
                ResultSize.Require(_written.WrittenCount);
                return;
            }

            if (!first && !call.IsNull(0) && (JsonValues.IsArray(type) || JsonValues.IsRow(type)))
            {
                _written.Write("\n "u8);
            }

            JsonValues.Write(call.Value(0), type, call.Context(), _written);
        }

        public override void Answer(in FunctionCall call) => ReturnClosed(call, _written, "]"u8);
    }

    private sealed class ObjectState : SqlAggregateState
    {
        private readonly ArrayBufferWriter<byte> _written = new();

        public override void Step(in FunctionCall call)
        {
            RequireName(call);
            var types = call.Types();
            _written.Write(_written.WrittenCount == 0 ? "{ "u8 : ", "u8);
            JsonValues.WriteKey(call.Value(0), types[0], call.Context(), _written);
            _written.Write(" : "u8);
            JsonValues.Write(call.Value(1), types[1], call.Context(), _written);
        }

        public override void Answer(in FunctionCall call) => ReturnClosed(call, _written, " }"u8);
    }

    private sealed class ObjectStateB : SqlAggregateState
    {
        private readonly List<(ReadOnlyMemory<byte>, JsonNode)> _members = [];
        private long _size;

        public override void Step(in FunctionCall call)
        {
            RequireName(call);
            var types = call.Types();
            var key = JsonValues.ToKey(call.Value(0), types[0], call.Context());
            _members.Add((key, JsonValues.ToNode(call.Value(1), types[1], call.Context())));
            _size += key.Length + (call.ClassOf(1) is StorageClass.Text or StorageClass.Blob ? call.Bytes(1).Length : 8) + 8;
            ResultSize.Require(_size);
        }

        public override void Answer(in FunctionCall call)
        {
            if (_members.Count > 0)
            {
                call.Return(JsonNode.FromMembers(_members));
            }
        }
    }
}
