using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime.Operators;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;

namespace Rqlite.Pg.Dialect.Runtime.Casts;

/// <summary>The functions that give the binary form of a value.</summary>
internal static class SendFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        var senders = PgTypes.All.Where(t => SupportedTypes.Contains(t.Oid) && t.Kind == 'b').Select(t => t.SendFunction).ToHashSet();
        foreach (var function in Builtins.Functions.Where(f => senders.Contains(f.Name) && f.Arguments is [var type] && SupportedTypes.Contains(type)))
        {
            var (codec, type) = (Codec.For(function.Arguments[0]), new PgType(function.Arguments[0]));
            registry.Call(function.Signature, (in FunctionCall call) =>
            {
                var output = Arguments.TakeBuffer();
                codec.WriteBinary(call.Value(0), type, call.Context(), output);
                call.ReturnBlob(output.WrittenSpan);
            });
        }

        foreach (var signature in new[] { "array_send(anyarray)", "range_send(anyrange)", "multirange_send(anymultirange)" })
        {
            registry.Call(signature, static (in FunctionCall call) =>
            {
                var type = call.Types()[0];
                var output = Arguments.TakeBuffer();
                Codec.For(type.Oid).WriteBinary(call.Value(0), type, call.Context(), output);
                call.ReturnBlob(output.WrittenSpan);
            });
        }
    }
}
