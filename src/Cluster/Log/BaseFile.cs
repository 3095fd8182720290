using System.Buffers.Binary;
using System.IO.Hashing;

namespace Rqlite.Pg.Cluster;

/// <summary>The file <c>BASE</c>: index and term at which the log on disk begins, with a checksum. It says nothing about the database.</summary>
internal static class BaseFile
{
    private const int Length = 24;

    public static string PathIn(string directory) => Path.Combine(directory, "BASE");

    public static (long Index, long Term) Read(string path)
    {
        if (!File.Exists(path))
        {
            return default;
        }

        var content = File.ReadAllBytes(path);
        if (content.Length != Length
            || BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(16)) != XxHash3.HashToUInt64(content.AsSpan(0, 16)))
        {
            throw new InvalidDataException(
                $"'{path}' is damaged. Start this node with an empty data directory and -join, so that it joins anew.");
        }

        return (BinaryPrimitives.ReadInt64LittleEndian(content), BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(8)));
    }

    public static void Write(string path, long index, long term)
    {
        var content = new byte[Length];
        BinaryPrimitives.WriteInt64LittleEndian(content, index);
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(8), term);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(16), XxHash3.HashToUInt64(content.AsSpan(0, 16)));
        DurableFile.Write(path, content);
    }
}
