using Microsoft.Win32.SafeHandles;

namespace Rqlite.Pg.Storage;

/// <summary>Folders of mode 0700 and files of mode 0600: only the node's own user may read its data.</summary>
public static class OwnerOnly
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute;

    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, FolderMode);
        }
    }

    public static void Restrict(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, FileMode);
        }
    }

    /// <summary>Removes other users' permissions from folders, with their content, and from files; skips paths that do not exist.</summary>
    /// <param name="changed">The number of files and folders that had such permissions.</param>
    /// <returns>Why one of them could not be changed; null if all are as they should be.</returns>
    public static string? Tighten(IEnumerable<string> paths, out int changed)
    {
        changed = 0;
        string? trouble = null;
        foreach (var path in paths.SelectMany(WithContent))
        {
            trouble = TightenOne(path, ref changed) ?? trouble;
        }

        return trouble;
    }

    /// <summary>Removes other users' permissions from a folder without its content, or from a file.</summary>
    public static string? TightenOne(string path, ref int changed)
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        try
        {
            // No file is opened: closing the descriptor would drop SQLite's locks.
            var wanted = Directory.Exists(path) ? FolderMode : FileMode;
            if ((File.GetUnixFileMode(path) & ~wanted) != 0)
            {
                File.SetUnixFileMode(path, wanted);
                changed++;
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static IEnumerable<string> WithContent(string path)
    {
        // Symbolic links within may lead anywhere; the path itself may be one, to another disk.
        var inside = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };
        return Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path, "*", inside).Prepend(path)
            : File.Exists(path) ? [path]
            : [];
    }
}
