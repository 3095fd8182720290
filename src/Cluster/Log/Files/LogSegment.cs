using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Cluster;

/// <summary>The place of a record in its segment, and the fields of its head.</summary>
internal readonly record struct RecordPlace(long Offset, int Length, byte Flags, int CommandId, long Term);

/// <summary>
/// One file of the log, filled with zeros to its full length before the first record, so that a flush has only data to write. One caller at a
/// time writes; any number reads meanwhile and keeps the file open with <see cref="TryPin"/>.
/// </summary>
internal sealed class LogSegment
{
    private readonly SafeFileHandle _file;
    private readonly Lock _lock = new();
    private readonly SegmentFormat _head;
    private RecordPlace[] _places;
    private int _count;
    private long _end;
    private ulong _checksum;
    private int _pins = 1;

    /// <param name="places">The records found in the file.</param>
    /// <param name="checksum">The checksum of the last record, or of the segment's head.</param>
    public LogSegment(string path, SafeFileHandle file, SegmentFormat head, List<RecordPlace> places, long end, ulong checksum)
    {
        Path = path;
        _file = file;
        _head = head;
        _places = [.. places];
        _count = places.Count;
        _end = end;
        _checksum = checksum;
    }

    public string Path { get; }

    public long First => _head.First;

    public long PreviousTerm => _head.PreviousTerm;

    public long Capacity => _head.Capacity;

    public long Last => First + Volatile.Read(ref _count) - 1;

    /// <summary>The offset at which the next record begins.</summary>
    public long End => Volatile.Read(ref _end);

    public bool Fits(long bytes) => _end + bytes <= Capacity;

    /// <summary>The record of an index in the segment.</summary>
    public RecordPlace this[long index]
    {
        get
        {
            lock (_lock)
            {
                return _places.AsSpan(0, _count)[(int)(index - First)];
            }
        }
    }

    /// <summary>The records of the segment as of now; the array does not change up to the count.</summary>
    public (RecordPlace[] Places, int Count) Records
    {
        get
        {
            lock (_lock)
            {
                return (_places, _count);
            }
        }
    }

    /// <summary>Writes entries after the last; they are not on disk before <see cref="Flush"/>.</summary>
    public void Write(ReadOnlySpan<StoredEntry> entries, long flushed)
    {
        var writer = new RecordWriter(_file, _end, _checksum);
        var places = new RecordPlace[entries.Length];
        try
        {
            for (var i = 0; i < entries.Length; i++)
            {
                places[i] = new(writer.Position, entries[i].ContentLength, entries[i].Flags, entries[i].Command, entries[i].Term);
                writer.Write(entries[i], flushed);
            }

            writer.Complete();
        }
        finally
        {
            writer.Dispose();
        }

        lock (_lock)
        {
            if (_count + places.Length > _places.Length)
            {
                Array.Resize(ref _places, Math.Max(2 * _places.Length, _count + places.Length));
            }

            places.CopyTo(_places, _count);
            _count += places.Length;
            (_end, _checksum) = (writer.Position, writer.Checksum);
        }
    }

    public void Flush() => DurableFile.FlushData(_file);

    /// <summary>Writes zeros, on disk, from the record of an index on.</summary>
    public void CutFrom(long index)
    {
        var end = index > Last ? _end : this[index].Offset;
        var checksum = ReadChecksum(end);
        ZeroedFile.Fill(_file, end, _end - end);
        Flush();
        lock (_lock)
        {
            // A new array: readers may still look at the old one.
            _count = (int)(index - First);
            _places = _places.AsSpan(0, _count).ToArray();
            (_end, _checksum) = (end, checksum);
        }
    }

    /// <exception cref="InvalidDataException">The bytes are not those of the record.</exception>
    public ReadOnlyMemory<byte> Read(long index, in RecordPlace place)
    {
        var before = sizeof(ulong);
        var length = (int)RecordFormat.Measure(place.Length);
        var bytes = GC.AllocateUninitializedArray<byte>(before + length);
        if (RandomAccess.Read(_file, bytes, place.Offset - before) == bytes.Length)
        {
            var record = bytes.AsMemory(before);
            var checksum = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (RecordFormat.TryReadHead(record.Span, checksum, out var head) && head.Index == index && head.Length == place.Length
                && RecordFormat.IsWhole(record.Span, checksum))
            {
                return record.Slice(RecordFormat.HeadBytes, place.Length);
            }
        }

        throw new LogDamageException($"Entry {index} of the log, at {place.Offset} of '{Path}', is damaged.", index);
    }

    /// <summary>Keeps the file open for a reader; false if it is closed already.</summary>
    public bool TryPin()
    {
        lock (_lock)
        {
            if (_pins == 0)
            {
                return false;
            }

            _pins++;
            return true;
        }
    }

    /// <summary>Releases a pin of <see cref="TryPin"/> or of the constructor.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_pins > 0)
            {
                return;
            }
        }

        _file.Dispose();
    }

    private ulong ReadChecksum(long end)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomAccess.Read(_file, bytes, end - sizeof(ulong));
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
