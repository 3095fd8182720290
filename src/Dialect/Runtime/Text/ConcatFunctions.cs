using System.Buffers;
using Rqlite.Pg.Dialect.Runtime.Casts;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>Functions that put values of any types together, and that count nulls among them.</summary>
internal static class ConcatFunctions
{
    public static void Register(FunctionRegistry registry)
    {
        registry.Call("concat(\"any\")", static (in FunctionCall call) => Join(call, default, 0));
        registry.Call("concat_ws(text,\"any\")", static (in FunctionCall call) =>
        {
            if (!call.IsNull(0))
            {
                Join(call, call.Bytes(0), 1);
            }
        });
        registry.Call("textanycat(text,anynonarray)", static (in FunctionCall call) =>
            Return(call, call.Bytes(0), TextCasts.ToText(call, 1, call.Types()[1])));
        registry.Call("anytextcat(anynonarray,text)", static (in FunctionCall call) =>
            Return(call, TextCasts.ToText(call, 0, call.Types()[0]), call.Bytes(1)));
        registry.Call("num_nulls(\"any\")", static (in FunctionCall call) => CountNulls(call, nulls: true));
        registry.Call("num_nonnulls(\"any\")", static (in FunctionCall call) => CountNulls(call, nulls: false));
        registry.Call("format(text,\"any\")", Format);
        registry.Native("format(text)", "pg_format({0})");
        registry.Helper("pg_format", 1, static (in FunctionCall call) => FormatText.Return(call, hasArguments: false));
    }

    private static void Format(in FunctionCall call)
    {
        if (!call.IsNull(0))
        {
            FormatText.Return(call, hasArguments: true);
        }
    }

    private static void Join(in FunctionCall call, ReadOnlySpan<byte> separator, int first)
    {
        var texts = new VariadicTexts(call, first);
        if (texts.IsNull)
        {
            return;
        }

        var output = Arguments.TakeBuffer();
        var any = false;
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts.TryGet(i, out var text))
            {
                Characters.RequireLength((long)output.WrittenCount + separator.Length + text.Length);
                output.Write(any ? separator : default);
                output.Write(text);
                any = true;
            }
        }

        call.ReturnText(output.WrittenSpan);
    }

    private static void Return(in FunctionCall call, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Characters.RequireLength((long)left.Length + right.Length);
        var output = Arguments.TakeBuffer();
        output.Write(left);
        output.Write(right);
        call.ReturnText(output.WrittenSpan);
    }

    private static void CountNulls(in FunctionCall call, bool nulls)
    {
        var types = call.Types();
        if (types.IsVariadicArray)
        {
            var texts = new VariadicTexts(call, 0);
            if (!texts.IsNull)
            {
                var found = 0L;
                for (var i = 0; i < texts.Count; i++)
                {
                    found += texts.IsNullAt(i) == nulls ? 1 : 0;
                }

                call.Return(found);
            }

            return;
        }

        var count = 0L;
        for (var i = 0; i < types.Count; i++)
        {
            count += call.IsNull(i) == nulls ? 1 : 0;
        }

        call.Return(count);
    }
}
