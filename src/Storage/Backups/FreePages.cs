using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Fills the free pages of a closed database file with zeros. They hold what was deleted from the live database, where SQLite does not overwrite
/// it; a free page has no content that SQLite would read.
/// </summary>
internal static class FreePages
{
    private const int HeaderLength = 100;
    private const int PageSizeAt = 16;
    private const int FirstTrunkAt = 32;
    private const int TrunkHeadLength = 8;

    public static void Clear(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var header = new byte[HeaderLength];
        if (RandomAccess.Read(file, header, 0) < HeaderLength)
        {
            return;
        }

        // 1 stands for 65536.
        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(PageSizeAt));
        pageSize = pageSize == 1 ? 1 << 16 : pageSize;
        var pages = RandomAccess.GetLength(file) / pageSize;
        var trunk = new byte[pageSize];
        var zeros = new byte[pageSize];
        var next = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(FirstTrunkAt));
        for (long seen = 0; next != 0; seen++)
        {
            if (next > pages || seen > pages)
            {
                throw new StorageException(ResultCode.Corrupt, $"The list of free pages of {path} is damaged.");
            }

            next = ClearTrunk(file, next, pages, trunk, zeros, path);
        }
    }

    /// <summary>Clears the pages that a trunk page lists, and its own unused part; answers the next trunk page.</summary>
    private static uint ClearTrunk(SafeFileHandle file, uint number, long pages, byte[] trunk, byte[] zeros, string path)
    {
        var at = (number - 1L) * trunk.Length;
        if (RandomAccess.Read(file, trunk, at) < trunk.Length)
        {
            throw new StorageException(ResultCode.Corrupt, $"The list of free pages of {path} is damaged.");
        }

        var count = BinaryPrimitives.ReadUInt32BigEndian(trunk.AsSpan(4));
        if (count > (trunk.Length - TrunkHeadLength) / sizeof(uint))
        {
            throw new StorageException(ResultCode.Corrupt, $"The list of free pages of {path} is damaged.");
        }

        var used = TrunkHeadLength + ((int)count * sizeof(uint));
        for (var i = TrunkHeadLength; i < used; i += sizeof(uint))
        {
            var leaf = BinaryPrimitives.ReadUInt32BigEndian(trunk.AsSpan(i));
            if (leaf == 0 || leaf > pages)
            {
                throw new StorageException(ResultCode.Corrupt, $"The list of free pages of {path} is damaged.");
            }

            RandomAccess.Write(file, zeros, (leaf - 1L) * zeros.Length);
        }

        RandomAccess.Write(file, zeros.AsSpan(used), at + used);
        return BinaryPrimitives.ReadUInt32BigEndian(trunk);
    }
}
