using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <summary>Rows copied out of a statement: written while the statement is stepped, then read, then written anew.</summary>
internal sealed class RowBlock : IDisposable
{
    private const int InitialBytes = 512;

    // A value is its storage class (1 byte), then 8 bytes of a number, or the length (int32) and the bytes of a text or BLOB.
    private const int NumberBytes = 9;
    private const int LengthBytes = 5;

    private byte[] _bytes = [];
    private int[] _offsets = [];
    private int _written;
    private int _read;
    private int _left;

    /// <summary>The number of rows that were written.</summary>
    public int Rows { get; private set; }

    public int Bytes => _written;

    /// <summary>True if a row was not read yet.</summary>
    public bool Any => _left > 0;

    public SqliteValue this[int ordinal]
    {
        get
        {
            var at = _offsets[ordinal];
            var storageClass = (StorageClass)_bytes[at];
            return storageClass switch
            {
                StorageClass.Integer => SqliteValue.FromInteger(BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(at + 1))),
                StorageClass.Real => SqliteValue.FromReal(BinaryPrimitives.ReadDoubleLittleEndian(_bytes.AsSpan(at + 1))),
                StorageClass.Text => SqliteValue.FromText(_bytes.AsSpan(at + LengthBytes, LengthAt(at))),
                StorageClass.Blob => SqliteValue.FromBlob(_bytes.AsSpan(at + LengthBytes, LengthAt(at))),
                _ => SqliteValue.Null,
            };
        }
    }

    private int LengthAt(int at) => BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at + 1));

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        (_written, _read, _left, Rows) = (0, 0, 0, 0);
    }

    /// <summary>Moves to the next row.</summary>
    public bool TryRead()
    {
        if (_left == 0)
        {
            return false;
        }

        _left--;
        var at = _read;
        for (var i = 0; i < _offsets.Length; i++)
        {
            _offsets[i] = at;
            at += (StorageClass)_bytes[at] switch
            {
                StorageClass.Integer or StorageClass.Real => NumberBytes,
                StorageClass.Text or StorageClass.Blob => LengthBytes + LengthAt(at),
                _ => 1,
            };
        }

        _read = at;
        return true;
    }

    /// <summary>Adds the current row of a statement. All rows have the columns of the first.</summary>
    public void Add(StatementHandle row)
    {
        if (Rows == 0 && _offsets.Length != row.ColumnCount)
        {
            _offsets = new int[row.ColumnCount];
        }

        for (var i = 0; i < _offsets.Length; i++)
        {
            Add(row[i]);
        }

        Rows++;
        _left++;
    }

    private void Add(SqliteValue value)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                Number(value.Class, value.Integer);
                break;
            case StorageClass.Real:
                Number(value.Class, BitConverter.DoubleToInt64Bits(value.Real));
                break;
            case StorageClass.Text:
            case StorageClass.Blob:
                var bytes = value.Bytes;
                var span = Take(LengthBytes + bytes.Length);
                span[0] = (byte)value.Class;
                BinaryPrimitives.WriteInt32LittleEndian(span[1..], bytes.Length);
                bytes.CopyTo(span[LengthBytes..]);
                break;
            default:
                Take(1)[0] = (byte)value.Class;
                break;
        }
    }

    private void Number(StorageClass storageClass, long value)
    {
        var span = Take(NumberBytes);
        span[0] = (byte)storageClass;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
    }

    private Span<byte> Take(int length)
    {
        if (_bytes.Length - _written < length)
        {
            Grow(checked(_written + length));
        }

        var span = _bytes.AsSpan(_written, length);
        _written += length;
        return span;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(2L * _bytes.Length, Math.Max(needed, InitialBytes), Array.MaxLength));
        _bytes.AsSpan(0, _written).CopyTo(larger);
        Dispose();
        _bytes = larger;
    }

    /// <summary>Frees the memory; nothing can be read any more.</summary>
    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}
