using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The properties of access methods, indexes and their columns (amutils.c). All indexes are B-trees.</summary>
internal static class IndexProperties
{
    private const uint Hash = 405;
    private const uint Gist = 783;
    private const uint Gin = 2742;
    private const uint SpGist = 4000;
    private const uint Brin = 3580;

    // The bits of pg_index.indoption.
    private const int Descending = 1;
    private const int NullsFirst = 2;

    public static void Register(FunctionRegistry registry)
    {
        registry.Call("pg_indexam_has_property(oid,text)", (in FunctionCall call) => Answer(call, OfMethod(call.Oid(0), Name(call, 1))));
        registry.Call("pg_index_has_property(regclass,text)", (in FunctionCall call) =>
            Answer(call, IndexOf(call) is null ? null : OfIndex(Name(call, 1))));
        registry.Call("pg_index_column_has_property(regclass,integer,text)", (in FunctionCall call) =>
        {
            var number = call.Integer(1);
            Answer(call, IndexOf(call) is { } index && number > 0 && number <= index.Columns.Count ? OfColumn(index, (int)number, Name(call, 2)) : null);
        });
    }

    private static bool? OfMethod(uint method, string property) => (method, property) switch
    {
        (Btree.Method, "can_order" or "can_unique" or "can_multi_col" or "can_exclude" or "can_include") => true,
        (Hash or Gist or Gin or SpGist or Brin, "can_order" or "can_unique") => false,
        (Hash or SpGist, "can_multi_col") => false,
        (Gist or Gin or Brin, "can_multi_col") => true,
        (Hash or Gist or SpGist, "can_exclude") => true,
        (Gin or Brin, "can_exclude") => false,
        (Gist or SpGist, "can_include") => true,
        (Hash or Gin or Brin, "can_include") => false,
        _ => null,
    };

    private static bool? OfIndex(string property) => property is "clusterable" or "index_scan" or "bitmap_scan" or "backward_scan" ? true : null;

    private static bool? OfColumn(IndexInfo index, int number, string property)
    {
        var key = number <= index.KeyCount;
        var options = key ? index.Options.ElementAtOrDefault(number - 1) : (short)0;
        return property switch
        {
            "asc" => key ? (options & Descending) == 0 : null,
            "desc" => key ? (options & Descending) != 0 : null,
            "nulls_first" => key ? (options & NullsFirst) != 0 : null,
            "nulls_last" => key ? (options & NullsFirst) == 0 : null,
            "orderable" => key,
            "search_array" or "search_nulls" => key ? true : null,
            "distance_orderable" => false,
            "returnable" => true,
            _ => null,
        };
    }

    private static IndexInfo? IndexOf(in FunctionCall call)
    {
        var oid = call.Oid(0);
        return PgIndex.Of(call.View().Snapshot).FirstOrDefault(row => row.Index.Oid == oid)?.Index;
    }

    // Names of properties are found in any case.
    private static string Name(in FunctionCall call, int argument) => call.String(argument).ToLowerInvariant();

    private static void Answer(in FunctionCall call, bool? answer)
    {
        if (answer is { } known)
        {
            call.Return(known);
        }
        else
        {
            call.ReturnNull();
        }
    }
}
