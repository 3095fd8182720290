namespace Rqlite.Pg.Storage;

/// <summary>SQLite's storage classes, with the values of <c>sqlite3_column_type</c>.</summary>
public enum StorageClass : byte
{
    Integer = 1,
    Real = 2,
    Text = 3,
    Blob = 4,
    Null = 5,
}

/// <summary>One column of the current row, borrowed from its owner until the cursor moves.</summary>
public readonly ref struct SqliteValue
{
    private SqliteValue(StorageClass storageClass, long integer, double real, ReadOnlySpan<byte> bytes)
    {
        Class = storageClass;
        Integer = integer;
        Real = real;
        Bytes = bytes;
    }

    public StorageClass Class { get; }

    public long Integer { get; }

    public double Real { get; }

    /// <summary>Text as UTF-8, or a blob.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public static SqliteValue Null => new(StorageClass.Null, 0, 0, default);

    public static SqliteValue FromInteger(long value) => new(StorageClass.Integer, value, 0, default);

    public static SqliteValue FromReal(double value) => new(StorageClass.Real, 0, value, default);

    public static SqliteValue FromText(ReadOnlySpan<byte> utf8) => new(StorageClass.Text, 0, 0, utf8);

    public static SqliteValue FromBlob(ReadOnlySpan<byte> bytes) => new(StorageClass.Blob, 0, 0, bytes);
}
