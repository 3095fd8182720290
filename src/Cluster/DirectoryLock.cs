using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The file <c>LOCK</c>: one process a data directory.</summary>
internal static class DirectoryLock
{
    /// <exception cref="IOException">Another process holds the directory.</exception>
    public static FileStream Take(string directory)
    {
        var path = Path.Combine(directory, "LOCK");
        try
        {
            var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            OwnerOnly.Restrict(file.SafeFileHandle);
            return file;
        }
        catch (IOException error)
        {
            throw new IOException($"'{directory}' is in use by another process: stop that one, or give this node a folder of its own ({error.Message})", error);
        }
    }
}
