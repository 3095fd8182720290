using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Reads the tables of a database that <see cref="SchemaLoader"/> loads a snapshot from; all in one transaction.</summary>
public interface ISchemaReader
{
    /// <summary>SQLite's schema cookie, as the transaction sees it.</summary>
    long Version { get; }

    /// <summary>Runs a query of ours.</summary>
    /// <param name="columns">The number of its columns.</param>
    /// <returns>False if SQLite refuses it: a view of what is gone, a virtual table without its module.</returns>
    bool Read(string sql, int columns, Action<SchemaRow> visit);
}

/// <summary>A row that was read, whose values are replaced by the next one's.</summary>
public sealed class SchemaRow(int columns)
{
    private readonly (StorageClass Class, string? Text, long Number)[] _values = new (StorageClass Class, string? Text, long Number)[columns];

    public string? Text(int column) => _values[column] switch
    {
        (StorageClass.Integer, null, var number) => number.ToString(CultureInfo.InvariantCulture),
        var (_, text, _) => text,
    };

    /// <summary>A text that is not null.</summary>
    public string Name(int column) => Text(column) ?? "";

    public long Integer(int column) => _values[column].Number;

    public int Int32(int column) => checked((int)_values[column].Number);

    public uint Oid(int column) => checked((uint)_values[column].Number);

    public float Real(int column) => _values[column] is (StorageClass.Real, _, var bits)
        ? (float)BitConverter.Int64BitsToDouble(bits)
        : _values[column].Number;

    public bool Boolean(int column) => _values[column].Number != 0;

    public void Set(int column, in SqliteValue value)
    {
        // The rows of a table follow one another, and types come again: most texts are those of the row before.
        var former = _values[column].Text;
        _values[column] = value.Class switch
        {
            StorageClass.Integer => (value.Class, null, value.Integer),
            StorageClass.Real => (value.Class, null, BitConverter.DoubleToInt64Bits(value.Real)),
            StorageClass.Text => (value.Class, former is not null && Equals(former, value.Bytes) ? former : Encoding.UTF8.GetString(value.Bytes), 0),
            StorageClass.Blob => (value.Class, Convert.ToHexString(value.Bytes), 0),
            _ => (value.Class, null, 0),
        };
    }

    private static bool Equals(string text, ReadOnlySpan<byte> utf8) =>
        text.Length == utf8.Length && Ascii.Equals(utf8, text);
}
