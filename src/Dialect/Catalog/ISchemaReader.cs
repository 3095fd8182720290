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
    private readonly (string? Text, long Number)[] _values = new (string? Text, long Number)[columns];

    public string? Text(int column) => _values[column].Text;

    /// <summary>A text that is not null.</summary>
    public string Name(int column) => _values[column].Text ?? "";

    public long Integer(int column) => _values[column].Number;

    public int Int32(int column) => checked((int)_values[column].Number);

    public uint Oid(int column) => checked((uint)_values[column].Number);

    public float Real(int column) => float.Parse(_values[column].Text ?? "0", CultureInfo.InvariantCulture);

    public bool Boolean(int column) => _values[column].Number != 0;

    public void Set(int column, in SqliteValue value) => _values[column] = value.Class switch
    {
        StorageClass.Integer => (value.Integer.ToString(CultureInfo.InvariantCulture), value.Integer),
        StorageClass.Real => (value.Real.ToString("R", CultureInfo.InvariantCulture), (long)value.Real),
        StorageClass.Text => (Encoding.UTF8.GetString(value.Bytes), 0),
        StorageClass.Blob => (Convert.ToHexString(value.Bytes), 0),
        _ => (null, 0),
    };
}
