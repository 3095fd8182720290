using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>How a declared type turns values into JSON.</summary>
internal enum Conversion : byte
{
    Plain,
    Boolean,
    Time,

    /// <summary>A blob in a column meant for text is text, if it is.</summary>
    Text,
}

/// <summary>The parts of a result's form that are worked out once: names, types, conversions, and the order of keys in associative form.</summary>
internal sealed class ColumnPlan
{
    private static readonly string[] s_textPrefixes =
        ["varchar", "varying character", "nchar", "native character", "nvarchar", "clob"];

    private ColumnPlan(byte[][] names, string[] types, Conversion[] conversions, int[] keyed)
    {
        Names = names;
        Types = types;
        Conversions = conversions;
        Keyed = keyed;
    }

    public byte[][] Names { get; }

    /// <summary>Declared types in lower case; empty for an expression.</summary>
    public string[] Types { get; }

    public Conversion[] Conversions { get; }

    /// <summary>Ordinals in the order of their names as Go's maps have it, the last of equal names only; empty unless asked for.</summary>
    public int[] Keyed { get; }

    public static ColumnPlan Create(RowSchema schema, bool qualify, bool keyed)
    {
        var columns = schema.Columns;
        var names = new byte[columns.Count][];
        var types = new string[columns.Count];
        var conversions = new Conversion[columns.Count];
        for (var i = 0; i < names.Length; i++)
        {
            var column = columns[i];
            names[i] = Encoding.UTF8.GetBytes(
                qualify && !string.IsNullOrEmpty(column.Table) ? $"{column.Table}.{column.Name}" : column.Name);
            types[i] = column.DeclaredType?.ToLowerInvariant() ?? "";
            conversions[i] = ConversionOf(types[i]);
        }

        return new ColumnPlan(names, types, conversions, keyed ? KeyedOrdinals(names) : []);
    }

    private static Conversion ConversionOf(string type) => type switch
    {
        "" => Conversion.Plain,
        "boolean" => Conversion.Boolean,
        "date" or "datetime" or "timestamp" => Conversion.Time,
        "text" or "json" => Conversion.Text,
        _ => Array.Exists(s_textPrefixes, prefix => type.StartsWith(prefix, StringComparison.Ordinal)) ? Conversion.Text : Conversion.Plain,
    };

    private static int[] KeyedOrdinals(byte[][] names)
    {
        var last = new SortedDictionary<byte[], int>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        for (var i = 0; i < names.Length; i++)
        {
            last[names[i]] = i;
        }

        var ordinals = new int[last.Count];
        last.Values.CopyTo(ordinals, 0);
        return ordinals;
    }
}
