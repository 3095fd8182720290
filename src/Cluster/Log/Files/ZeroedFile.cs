using Microsoft.Win32.SafeHandles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>A file filled with zeros: in a hole the flush of a first record would write metadata too.</summary>
internal sealed record ZeroedFile(string Path, SafeFileHandle File, long Length)
{
    private static readonly byte[] s_zeros = new byte[1 << 20];

    /// <summary>Creates a file, durable but for its name.</summary>
    public static ZeroedFile Create(string path, long length)
    {
        var file = System.IO.File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            OwnerOnly.Restrict(file);
            Fill(file, 0, length);
            RandomAccess.FlushToDisk(file);
            return new(path, file, length);
        }
        catch
        {
            file.Dispose();
            System.IO.File.Delete(path);
            throw;
        }
    }

    public static void Fill(SafeFileHandle file, long offset, long length)
    {
        while (length > 0)
        {
            var part = (int)Math.Min(length, s_zeros.Length);
            RandomAccess.Write(file, s_zeros.AsSpan(0, part), offset);
            offset += part;
            length -= part;
        }
    }

    public void Delete()
    {
        File.Dispose();
        System.IO.File.Delete(Path);
    }
}
