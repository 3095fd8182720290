using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Finds the records of a segment at the start. The bytes after the last whole record are zeros, or the remains of unacknowledged entries after
/// a crash, which are cut off, or damage, which is refused.
/// </summary>
internal static class SegmentReader
{
    private const int SectorBytes = 512;

    /// <param name="cutFrom">The index from which a cut was interrupted, 0 if none was.</param>
    /// <param name="last">True for the newest segment: only its end can have been written when the node stopped.</param>
    public static LogSegment Open(string path, long cutFrom, bool last)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            var content = ReadAll(path, file, out var head);
            var places = new List<RecordPlace>();
            var checksum = head.Checksum;
            long end = SegmentFormat.HeadBytes;
            while (TryRead(content, end, checksum, head.First + places.Count, out var record))
            {
                var size = RecordFormat.Measure(record.Length);
                checksum = BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan((int)(end + size) - sizeof(ulong)));
                places.Add(new(end, record.Length, record.Flags, record.CommandId, record.Term));
                end += size;
            }

            var next = head.First + places.Count;
            if (content.AsSpan((int)end).ContainsAnyExcept((byte)0))
            {
                if (cutFrom == 0 || next < cutFrom)
                {
                    CheckTorn(path, content, (int)end, checksum, next, last);
                }

                ZeroedFile.Fill(file, end, head.Capacity - end);
                DurableFile.FlushData(file);
            }

            return new(path, file, head, places, end, checksum);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static byte[] ReadAll(string path, SafeFileHandle file, out SegmentFormat head)
    {
        var length = RandomAccess.GetLength(file);
        var start = new byte[SegmentFormat.HeadBytes];
        var read = RandomAccess.Read(file, start, 0);
        if (!SegmentFormat.TryRead(start.AsSpan(0, read), out head) || head.Capacity != length || length > Array.MaxLength)
        {
            throw new LogDamageException($"'{path}' does not begin as a part of the log, or is not as long as it was written.");
        }

        var content = GC.AllocateUninitializedArray<byte>((int)length);
        for (var done = 0; done < content.Length; done += read)
        {
            read = RandomAccess.Read(file, content.AsSpan(done), done);
            if (read == 0)
            {
                throw new LogDamageException($"'{path}' ends at {done} of {length} bytes.");
            }
        }

        return content;
    }

    private static bool TryRead(byte[] content, long offset, ulong before, long index, out RecordHead head)
    {
        head = default;
        return offset < content.Length
            && RecordFormat.TryReadHead(content.AsSpan((int)offset), before, out head)
            && (index == 0 || head.Index == index)
            && RecordFormat.Measure(head.Length) is var size
            && size <= content.Length - offset
            && RecordFormat.IsWhole(content.AsSpan((int)offset, (int)size), before);
    }

    /// <summary>
    /// Throws unless a crash explains the bytes after the last whole record. A disk writes whole sectors, so an interrupted write leaves some
    /// as they were, which is zeros; and no later record may say that the entry at this place had been flushed.
    /// </summary>
    private static void CheckTorn(string path, byte[] content, int end, ulong checksum, long next, bool last)
    {
        var what = $"Entry {next} of the log, at {end} of '{path}', is damaged";
        if (!last)
        {
            throw new LogDamageException($"{what}: later entries follow.");
        }

        var torn = RecordFormat.HeadBytes;
        if (RecordFormat.TryReadHead(content.AsSpan(end), checksum, out var head)
            && RecordFormat.Measure(head.Length) <= content.Length - end)
        {
            torn = (int)RecordFormat.Measure(head.Length);
        }

        if (!HasUnwrittenSector(content, end, Math.Min(torn, content.Length - end)))
        {
            throw new LogDamageException($"{what}: it was written, and is not what was written.");
        }

        for (var offset = end + RecordFormat.Alignment; offset <= content.Length - RecordFormat.HeadBytes; offset += RecordFormat.Alignment)
        {
            var before = BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(offset - sizeof(ulong)));
            if (TryRead(content, offset, before, 0, out var later) && later.Flushed >= next)
            {
                throw new LogDamageException($"{what}: entry {later.Index} follows, which was written after it had been flushed.");
            }
        }
    }

    private static bool HasUnwrittenSector(byte[] content, int start, int length)
    {
        for (var offset = start; offset < start + length;)
        {
            var sector = Math.Min(start + length, (offset / SectorBytes * SectorBytes) + SectorBytes);
            if (!content.AsSpan(offset, sector - offset).ContainsAnyExcept((byte)0))
            {
                return true;
            }

            offset = sector;
        }

        return false;
    }
}
