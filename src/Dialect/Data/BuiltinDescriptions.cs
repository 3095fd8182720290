using System.Collections.Frozen;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>The comments that PostgreSQL 15 has on its own objects.</summary>
internal static class BuiltinDescriptions
{
    private static readonly Lazy<FrozenDictionary<(uint Class, uint Object), string>> s_all = new(() =>
        TableFile.Read("pg-descriptions.tsv").ToFrozenDictionary(f => (TableFile.Oid(f[0]), TableFile.Oid(f[1])), f => f[2]));

    public static IEnumerable<(uint Class, uint Object, string Text)> All => s_all.Value.Select(pair => (pair.Key.Class, pair.Key.Object, pair.Value));

    public static string? Find(uint catalog, uint oid) => s_all.Value.GetValueOrDefault((catalog, oid));

    /// <summary>The comment of an object whose catalog is not told; null if none or several objects have its OID.</summary>
    public static string? Find(uint oid) => s_all.Value.Where(pair => pair.Key.Object == oid).Select(pair => pair.Value).ToArray() is [var only] ? only : null;
}
