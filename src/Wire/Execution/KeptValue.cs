using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>A value of SQLite's that outlives the row that it stood in.</summary>
internal readonly struct KeptValue
{
    private readonly StorageClass _class;
    private readonly long _integer;
    private readonly double _real;
    private readonly byte[] _bytes;

    private KeptValue(StorageClass storageClass, long integer, double real, byte[] bytes) =>
        (_class, _integer, _real, _bytes) = (storageClass, integer, real, bytes);

    public static KeptValue Null => new(StorageClass.Null, 0, 0, []);

    /// <summary>The answer of a function that returns void.</summary>
    public static KeptValue Nothing => new(StorageClass.Text, 0, 0, []);

    public bool IsNull => _class == StorageClass.Null;

    public int Length => _bytes.Length;

    /// <summary>A text that is not null.</summary>
    public string Text => Encoding.UTF8.GetString(_bytes);

    public SqliteValue Value => _class switch
    {
        StorageClass.Integer => SqliteValue.FromInteger(_integer),
        StorageClass.Real => SqliteValue.FromReal(_real),
        StorageClass.Text => SqliteValue.FromText(_bytes),
        StorageClass.Blob => SqliteValue.FromBlob(_bytes),
        _ => SqliteValue.Null,
    };

    public static KeptValue Of(in SqliteValue value) => new(value.Class, value.Integer, value.Real, value.Bytes.ToArray());

    public static KeptValue Of(string text) => new(StorageClass.Text, 0, 0, Encoding.UTF8.GetBytes(text));

    public static KeptValue Of(bool value) => new(StorageClass.Integer, value ? 1 : 0, 0, []);
}
