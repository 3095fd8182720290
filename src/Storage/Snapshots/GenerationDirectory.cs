using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The folder of all generations: <c>g&lt;n&gt;/</c> holds one database each, <c>CURRENT</c> names the valid one, and its rename is the
/// commit point of an install. A database is never renamed over another: a new main file under an old WAL opens without complaint
/// and shows the old rows.
/// </summary>
internal sealed class GenerationDirectory(string root, StorageFiles files)
{
    public const string MainName = "db.sqlite";
    private const string CurrentName = "CURRENT";
    private const string IncomingPrefix = "in-";
    private const string ScratchPrefix = "scratch-";

    public string Root { get; } = root;

    private string CurrentPath => Path.Combine(Root, CurrentName);

    public string PathOf(long number) => Path.Combine(Root, Name(number));

    /// <summary>Reads the number of the valid generation; null if the folder holds no database yet.</summary>
    public long? ReadCurrent()
    {
        if (!File.Exists(CurrentPath))
        {
            return null;
        }

        var text = File.ReadAllText(CurrentPath);
        var parts = text.TrimEnd('\n').Split(' ');
        if (parts.Length != 2 || !TryParse(parts[0], out var number) || text != Format(number))
        {
            throw new StorageException(
                ResultCode.Corrupt,
                $"'{CurrentPath}' is damaged, so it is not known which database is valid. Restore the file, or delete the node's data "
                + "directory and join again as a new node.");
        }

        if (!File.Exists(Path.Combine(PathOf(number), MainName)))
        {
            throw new StorageException(
                ResultCode.CannotOpen,
                $"'{CurrentPath}' names {Name(number)}, but '{Path.Combine(PathOf(number), MainName)}' is missing. Restore it, or delete "
                + "the node's data directory and join again as a new node.");
        }

        return number;
    }

    /// <summary>The commit point: after the return, and after any crash, this generation is the valid one.</summary>
    public void WriteCurrent(long number) => files.WriteDurably(CurrentPath, Encoding.ASCII.GetBytes(Format(number)));

    /// <summary>Removes the remains of crashes and of finished installs: other generations, unfinished receptions and backups, temporary files.</summary>
    public void Clean(long current)
    {
        foreach (var path in Directory.GetDirectories(Root))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(IncomingPrefix, StringComparison.Ordinal) || name.StartsWith(ScratchPrefix, StringComparison.Ordinal)
                || (TryParse(name, out var number) && number != current))
            {
                files.DeleteDirectory(path);
            }
        }

        File.Delete(CurrentPath + ".new");
    }

    /// <summary>The generations found while no CURRENT names the valid one.</summary>
    public IReadOnlyList<long> Unnamed() =>
        [.. Directory.GetDirectories(Root).Select(Path.GetFileName).Where(n => TryParse(n!, out _)).Select(n => Parse(n!)).Order()];

    public string CreateIncoming() => CreateUnnamed(IncomingPrefix);

    /// <summary>Creates a folder for the files of a backup or an upload; a start removes it.</summary>
    public string CreateScratch() => CreateUnnamed(ScratchPrefix);

    private string CreateUnnamed(string prefix)
    {
        var path = Path.Combine(Root, prefix + Guid.NewGuid().ToString("N"));
        OwnerOnly.CreateDirectory(path);
        return path;
    }

    /// <summary>Creates an empty generation, not yet named by <c>CURRENT</c>.</summary>
    public void Create(long number)
    {
        files.DeleteDirectory(PathOf(number));
        OwnerOnly.CreateDirectory(PathOf(number));
        files.SyncDirectory(Root);
    }

    /// <summary>Gives a staged directory its number; it becomes valid with <see cref="WriteCurrent"/>.</summary>
    public void Adopt(string incoming, long number)
    {
        files.DeleteDirectory(PathOf(number));
        files.Rename(incoming, PathOf(number));
        files.SyncDirectory(Root);
    }

    private static string Name(long number) => string.Create(CultureInfo.InvariantCulture, $"g{number}");

    private static string Format(long number)
    {
        var name = Name(number);
        return $"{name} {Crc32.HashToUInt32(Encoding.ASCII.GetBytes(name)):x8}\n";
    }

    private static bool TryParse(string name, out long number)
    {
        number = 0;
        return name.Length is > 1 and < 20 && name[0] == 'g'
            && long.TryParse(name.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0 && Name(number) == name;
    }

    private static long Parse(string name) => TryParse(name, out var number) ? number : 0;
}
