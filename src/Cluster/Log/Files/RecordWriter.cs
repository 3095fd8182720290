using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Cluster;

/// <summary>Gathers records and writes them to a file, small ones together.</summary>
internal struct RecordWriter(SafeFileHandle file, long position, ulong checksum) : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private const int SmallMax = 64 << 10;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _used;
    private long _written = position;

    /// <summary>The offset at which the next record begins.</summary>
    public readonly long Position => _written + _used;

    /// <summary>The checksum of the last record.</summary>
    public ulong Checksum { get; private set; } = checksum;

    public void Write(StoredEntry entry, long flushed)
    {
        var content = entry.Content.Span;
        var padded = (int)RecordFormat.Padded(content.Length);
        var head = new RecordHead(content.Length, entry.Flags, entry.Command, entry.Index, entry.Term, flushed);
        if (padded > SmallMax)
        {
            WriteLarge(head, content, padded);
            return;
        }

        var size = RecordFormat.HeadBytes + padded + RecordFormat.ChecksumBytes;
        var record = Take(size);
        RecordFormat.WriteHead(record, head, Checksum);
        content.CopyTo(record[RecordFormat.HeadBytes..]);
        record[(RecordFormat.HeadBytes + content.Length)..(RecordFormat.HeadBytes + padded)].Clear();
        Checksum = XxHash3.HashToUInt64(record[..^RecordFormat.ChecksumBytes], (long)Checksum);
        BinaryPrimitives.WriteUInt64LittleEndian(record[^RecordFormat.ChecksumBytes..], Checksum);
    }

    public void Complete()
    {
        if (_used > 0)
        {
            RandomAccess.Write(file, _buffer.AsSpan(0, _used), _written);
            _written += _used;
            _used = 0;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    private void WriteLarge(in RecordHead head, ReadOnlySpan<byte> content, int padded)
    {
        var hash = new XxHash3((long)Checksum);
        var front = Take(RecordFormat.HeadBytes);
        RecordFormat.WriteHead(front, head, Checksum);
        hash.Append(front);
        hash.Append(content);
        Complete();
        RandomAccess.Write(file, content, _written);
        _written += content.Length;
        var padding = Take(padded - content.Length);
        padding.Clear();
        hash.Append(padding);
        Checksum = hash.GetCurrentHashAsUInt64();
        BinaryPrimitives.WriteUInt64LittleEndian(Take(RecordFormat.ChecksumBytes), Checksum);
    }

    private Span<byte> Take(int bytes)
    {
        if (_used + bytes > BufferBytes)
        {
            Complete();
        }

        var taken = _buffer.AsSpan(_used, bytes);
        _used += bytes;
        return taken;
    }
}
