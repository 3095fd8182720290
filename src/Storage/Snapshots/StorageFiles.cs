using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>The file operations whose order recovery depends on; tests replace it to count them, to fail them or to die between them.</summary>
internal class StorageFiles
{
    public static StorageFiles Default { get; } = new();

    /// <summary>Called between file operations; does nothing outside tests.</summary>
    public virtual void Passing(StorageStep step)
    {
    }

    public virtual void Sync(SafeFileHandle handle, string path) => Guard("sync", path, () => RandomAccess.FlushToDisk(handle));

    /// <summary>Makes the names in a directory durable.</summary>
    public virtual void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return; // NTFS journals names itself and offers no sync of a directory.
        }

        var descriptor = open(path, 0);
        if (descriptor < 0)
        {
            throw Failure("open", path, new IOException(Marshal.GetLastPInvokeErrorMessage()));
        }

        var failed = fsync(descriptor) != 0;
        var reason = failed ? Marshal.GetLastPInvokeErrorMessage() : string.Empty;
        _ = close(descriptor);
        if (failed)
        {
            throw Failure("sync", path, new IOException(reason));
        }
    }

    /// <summary>Renames a file over another one, or moves a directory to a free name.</summary>
    public virtual void Rename(string from, string to) => Guard("rename", from, () =>
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    });

    public virtual void DeleteDirectory(string path) => Guard("delete", path, () =>
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    });

    /// <summary>Opens a file and syncs it; never for a main file that SQLite has open, since closing the descriptor would drop its locks.</summary>
    public void SyncFile(string path) => Guard("sync", path, () =>
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        Sync(handle, path);
    });

    /// <summary>Replaces a file so that after a crash either the old or the new content is there, and after the return the new.</summary>
    public void WriteDurably(string path, byte[] content)
    {
        var temporary = path + ".new";
        Guard("write", temporary, () =>
        {
            using var handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
            OwnerOnly.Restrict(handle);
            RandomAccess.Write(handle, content, 0);
            Sync(handle, temporary);
        });
        Passing(StorageStep.CurrentWritten);
        Rename(temporary, path);
        SyncDirectory(Path.GetDirectoryName(path)!);
        Passing(StorageStep.CurrentRenamed);
    }

    private static void Guard(string verb, string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure(verb, path, e);
        }
    }

    internal static StorageException Failure(string verb, string path, Exception inner) =>
        new(ResultCode.IOError, $"Cannot {verb} '{path}': {inner.Message}", inner);

    [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int fsync(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int close(int descriptor);
}
