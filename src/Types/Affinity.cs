using System.Collections.Concurrent;

namespace Rqlite.Pg.Types;

/// <summary>The type that a column announces for the type its CREATE TABLE declares.</summary>
public static class Affinity
{
    private const int CacheMax = 1024;

    private static readonly ConcurrentDictionary<string, PgType?> s_cache = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null if nothing is declared: then only the values can tell.</summary>
    public static PgType? TypeOf(string? declared)
    {
        if (string.IsNullOrWhiteSpace(declared))
        {
            return null;
        }

        if (!s_cache.TryGetValue(declared, out var type))
        {
            type = Find(declared);
            if (s_cache.Count < CacheMax)
            {
                s_cache.TryAdd(declared, type);
            }
        }

        return type;
    }

    private static PgType? Find(string declared)
    {
        var name = declared.Trim();

        // SQLite's REAL is a double, and its integers of any name are 64 bits wide where PostgreSQL has no such name.
        var upper = name.ToUpperInvariant();
        switch (upper)
        {
            case "REAL" or "FLOAT":
                return new PgType(PgTypes.Float8);
            case "ANY":
                return null;
            case "DATETIME":
                return new PgType(PgTypes.Timestamp);
            case "TINYINT":
                return new PgType(PgTypes.Int2);
            case "MEDIUMINT":
                return new PgType(PgTypes.Int4);
            case "STRING" or "CLOB":
                return new PgType(PgTypes.Text);
            case "DOUBLE":
                return new PgType(PgTypes.Float8);
            case "BYTEA_BLOB" or "BLOB":
                return new PgType(PgTypes.Bytea);
            case "IVAL_TEXT":
                return new PgType(PgTypes.Interval);
        }

        if (TypeNames.TryParse(name, out var type) || TryStorageName(upper, out type))
        {
            return type;
        }

        // The rules by which SQLite itself reads an unknown name, in its order.
        return upper.Contains("INT", StringComparison.Ordinal) ? new PgType(PgTypes.Int8)
            : upper.Contains("CHAR", StringComparison.Ordinal) || upper.Contains("CLOB", StringComparison.Ordinal)
                || upper.Contains("TEXT", StringComparison.Ordinal) ? new PgType(PgTypes.Text)
            : upper.Contains("BLOB", StringComparison.Ordinal) ? new PgType(PgTypes.Bytea)
            : upper.Contains("REAL", StringComparison.Ordinal) || upper.Contains("FLOA", StringComparison.Ordinal)
                || upper.Contains("DOUB", StringComparison.Ordinal) ? new PgType(PgTypes.Float8)
            : null;
    }

    /// <summary>NUMERIC_TEXT(10,2), TIMESTAMPTZ_TEXT, UUID_TEXT and their like: PostgreSQL's name, made safe for TEXT affinity.</summary>
    private static bool TryStorageName(string upper, out PgType type)
    {
        type = default;
        var suffix = upper.IndexOf("_TEXT", StringComparison.Ordinal);
        return suffix > 0 && TypeNames.TryParse(string.Concat(upper.AsSpan(0, suffix), upper.AsSpan(suffix + 5)), out type);
    }
}
