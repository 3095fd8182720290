using System.Formats.Tar;
using System.IO.Compression;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Host;

/// <summary>The extensions of <c>-extensions-path</c>: files, folders of files, and archives, which are unpacked into the node's folder at each start.</summary>
internal static class ExtensionFiles
{
    private const int FilesMax = 1000;
    private const long BytesMax = 1L << 30;

    /// <summary>The names under which <c>/status</c> lists them.</summary>
    public static IReadOnlyList<string> Names(IReadOnlyList<string> files) => [.. files.Select(static file => Path.GetFileName(file))];

    public static string DirectoryIn(string dataDirectory) => Path.Combine(dataDirectory, "extensions");

    /// <summary>Looks at the paths; the archives are unpacked when the value is asked for, after the node has its folder to itself.</summary>
    /// <exception cref="FormatException">A path cannot be used; the message names it.</exception>
    public static Lazy<IReadOnlyList<string>> Of(NodeOptions options)
    {
        var paths = options.ExtensionsPath.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (options.ExtensionsPath.Length > 0 && paths.Length == 0)
        {
            throw new FormatException($"-extensions-path: \"{options.ExtensionsPath}\" names no file");
        }

        if (Array.Find(paths, static path => !Path.Exists(path)) is { } missing)
        {
            throw new FormatException($"-extensions-path: there is no '{missing}'");
        }

        if (paths.Length > 0)
        {
            RequireUnpackable(paths);
        }

        return new(() => Unpack(paths, DirectoryIn(options.DataDirectory)));
    }

    /// <summary>Unpacks the archives once: a first start that fails on one later would have made a node's folder.</summary>
    private static void RequireUnpackable(string[] paths)
    {
        var scratch = Directory.CreateTempSubdirectory("rqlited-extensions-");
        try
        {
            Unpack(paths, DirectoryIn(scratch.FullName));
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static List<string> Unpack(string[] paths, string directory)
    {
        var current = "";
        try
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }

            var files = new List<string>();
            foreach (var path in paths)
            {
                current = path;
                files.AddRange(Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal).Select(Path.GetFullPath)
                    : path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? UnpackZip(path, directory)
                    : path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) ? UnpackTar(path, directory)
                    : [Path.GetFullPath(path)]);
            }

            return files.Count <= FilesMax ? files : throw new FormatException($"-extensions-path: more than {FilesMax} files");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException(
                e.Message.Contains(current, StringComparison.Ordinal) ? $"-extensions-path: {e.Message}" : $"-extensions-path: {current}: {e.Message}", e);
        }
    }

    private static List<string> UnpackZip(string path, string directory)
    {
        using var archive = ZipFile.OpenRead(path);
        var (files, left) = (new List<string>(), BytesMax);
        foreach (var entry in archive.Entries)
        {
            using var content = entry.Open();
            files.Add(Write(path, directory, entry.FullName, content, ref left, files.Count));
        }

        return files;
    }

    private static List<string> UnpackTar(string path, string directory)
    {
        using var packed = File.OpenRead(path);
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var archive = new TarReader(unpacked);
        var (files, left) = (new List<string>(), BytesMax);
        while (archive.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                files.Add(Write(path, directory, entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name, entry.DataStream ?? Stream.Null, ref left, files.Count));
            }
            else if (entry.EntryType is not TarEntryType.Directory || entry.Name.Trim('.', '/').Length > 0)
            {
                throw new InvalidDataException($"{path}: {entry.Name} is no file; an archive must hold files alone, without folders");
            }
        }

        return files;
    }

    private static string Write(string archive, string directory, string name, Stream content, ref long left, int count)
    {
        if (name.Length == 0 || name != Path.GetFileName(name) || name is "." or ".." || count >= FilesMax)
        {
            throw new InvalidDataException($"{archive}: {name} cannot be unpacked; an archive must hold at most {FilesMax} files, without folders");
        }

        OwnerOnly.CreateDirectory(directory);
        var target = Path.GetFullPath(Path.Combine(directory, name));
        using var file = new FileStream(target, FileMode.CreateNew);
        var buffer = new byte[81920];
        for (var read = content.Read(buffer); read > 0; read = content.Read(buffer))
        {
            left -= read;
            if (left < 0)
            {
                throw new InvalidDataException($"{archive} holds more than {BytesMax} bytes");
            }

            file.Write(buffer.AsSpan(0, read));
        }

        return target;
    }
}
