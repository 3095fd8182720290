using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types;

/// <summary>A value in the form in which the database stores it, to be filled by a codec; reused from value to value.</summary>
public sealed class StoredValue
{
    private const int CapacityKept = 1 << 20;

    private ArrayBufferWriter<byte> _bytes = new();
    private StorageClass _class = StorageClass.Null;
    private long _integer;
    private double _real;

    /// <summary>The value, borrowed until this is filled again.</summary>
    public SqliteValue Value => _class switch
    {
        StorageClass.Integer => SqliteValue.FromInteger(_integer),
        StorageClass.Real => SqliteValue.FromReal(_real),
        StorageClass.Text => SqliteValue.FromText(_bytes.WrittenSpan),
        StorageClass.Blob => SqliteValue.FromBlob(_bytes.WrittenSpan),
        _ => SqliteValue.Null,
    };

    public void SetNull() => _class = StorageClass.Null;

    public void SetInteger(long value) => (_class, _integer) = (StorageClass.Integer, value);

    public void SetReal(double value) => (_class, _real) = (StorageClass.Real, value);

    public void SetText(ReadOnlySpan<byte> utf8) => BeginText().Write(utf8);

    public void SetBlob(ReadOnlySpan<byte> bytes) => BeginBlob().Write(bytes);

    /// <summary>Begins a text; the caller writes it.</summary>
    public IBufferWriter<byte> BeginText() => Begin(StorageClass.Text);

    public IBufferWriter<byte> BeginBlob() => Begin(StorageClass.Blob);

    private ArrayBufferWriter<byte> Begin(StorageClass storageClass)
    {
        // One large value must not keep its memory for the life of a session.
        if (_bytes.Capacity > CapacityKept)
        {
            _bytes = new ArrayBufferWriter<byte>();
        }

        _class = storageClass;
        _bytes.ResetWrittenCount();
        return _bytes;
    }
}
