using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>PostgreSQL's numbers of encodings.</summary>
internal static class EncodingFunctions
{
    private static readonly (string Name, int BytesMax)[] s_encodings =
    [
        ("SQL_ASCII", 1), ("EUC_JP", 3), ("EUC_CN", 2), ("EUC_KR", 3), ("EUC_TW", 4), ("EUC_JIS_2004", 3), ("UTF8", 4), ("MULE_INTERNAL", 4),
        ("LATIN1", 1), ("LATIN2", 1), ("LATIN3", 1), ("LATIN4", 1), ("LATIN5", 1), ("LATIN6", 1), ("LATIN7", 1), ("LATIN8", 1), ("LATIN9", 1),
        ("LATIN10", 1), ("WIN1256", 1), ("WIN1258", 1), ("WIN866", 1), ("WIN874", 1), ("KOI8R", 1), ("WIN1251", 1), ("WIN1252", 1),
        ("ISO_8859_5", 1), ("ISO_8859_6", 1), ("ISO_8859_7", 1), ("ISO_8859_8", 1), ("WIN1250", 1), ("WIN1253", 1), ("WIN1254", 1),
        ("WIN1255", 1), ("WIN1257", 1), ("KOI8U", 1), ("SJIS", 2), ("BIG5", 2), ("GBK", 2), ("UHC", 2), ("GB18030", 4), ("JOHAB", 3),
        ("SHIFT_JIS_2004", 2),
    ];

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("pg_encoding_to_char(integer)", (in FunctionCall call) =>
            call.ReturnText(s_encodings.ElementAtOrDefault(call.Int32(0)).Name ?? ""));
        registry.Call("pg_encoding_max_length(integer)", (in FunctionCall call) =>
        {
            if (s_encodings.ElementAtOrDefault(call.Int32(0)) is { Name: not null } encoding)
            {
                call.Return(encoding.BytesMax);
            }
            else
            {
                call.ReturnNull();
            }
        });
        registry.Call("pg_char_to_encoding(name)", (in FunctionCall call) => call.Return(NumberOf(call.String(0))));
    }

    // Case and punctuation do not count.
    private static int NumberOf(string name)
    {
        var wanted = Letters(name) is var letters && letters == "UNICODE" ? "UTF8" : letters;
        return Array.FindIndex(s_encodings, encoding => Letters(encoding.Name) == wanted);
    }

    private static string Letters(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
}
