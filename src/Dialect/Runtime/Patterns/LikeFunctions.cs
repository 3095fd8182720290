using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>LIKE and ILIKE, and their escape characters. The session's collation is C, so that case is that of ASCII.</summary>
internal static class LikeFunctions
{
    internal static void Register(FunctionRegistry registry)
    {
        foreach (var signature in new[] { "textlike(text,text)", "like(text,text)", "namelike(name,text)", "like(name,text)", "bpcharlike(character,text)" })
        {
            registry.Call(signature, (in call) => call.Return(LikePattern.Matches(call.Bytes(0), call.Bytes(1))));
        }

        foreach (var signature in new[]
        {
            "textnlike(text,text)", "notlike(text,text)", "namenlike(name,text)", "notlike(name,text)", "bpcharnlike(character,text)",
        })
        {
            registry.Call(signature, (in call) => call.Return(!LikePattern.Matches(call.Bytes(0), call.Bytes(1))));
        }

        foreach (var signature in new[] { "texticlike(text,text)", "nameiclike(name,text)", "bpchariclike(character,text)" })
        {
            registry.Call(signature, (in call) => call.Return(LikePattern.Matches(call.Bytes(0), call.Bytes(1), ignoreCase: true)));
        }

        foreach (var signature in new[] { "texticnlike(text,text)", "nameicnlike(name,text)", "bpcharicnlike(character,text)" })
        {
            registry.Call(signature, (in call) => call.Return(!LikePattern.Matches(call.Bytes(0), call.Bytes(1), ignoreCase: true)));
        }

        foreach (var signature in new[] { "bytealike(bytea,bytea)", "like(bytea,bytea)" })
        {
            registry.Call(signature, (in call) => call.Return(LikePattern.Matches(call.Bytes(0), call.Bytes(1), bytes: true)));
        }

        foreach (var signature in new[] { "byteanlike(bytea,bytea)", "notlike(bytea,bytea)" })
        {
            registry.Call(signature, (in call) => call.Return(!LikePattern.Matches(call.Bytes(0), call.Bytes(1), bytes: true)));
        }

        registry.Call("like_escape(text,text)", (in call) => call.ReturnText(LikePattern.WithEscape(call.Bytes(0), call.Bytes(1))));
        registry.Call("like_escape(bytea,bytea)", (in call) => call.ReturnBlob(LikePattern.WithEscape(call.Bytes(0), call.Bytes(1))));
        registry.Call("similar_to_escape(text)", (in call) => call.ReturnText(SimilarTo.ToRegular(call.Bytes(0), "\\"u8)));
        registry.Call("similar_to_escape(text,text)", (in call) => call.ReturnText(SimilarTo.ToRegular(call.Bytes(0), call.Bytes(1))));
        registry.Call("similar_escape(text,text)", SimilarEscape);
    }

    // The form that versions before 13 called: without an escape character it takes the backslash.
    private static void SimilarEscape(in FunctionCall call)
    {
        if (!call.IsNull(0))
        {
            call.ReturnText(SimilarTo.ToRegular(call.Bytes(0), call.IsNull(1) ? "\\"u8 : call.Bytes(1)));
        }
    }
}
