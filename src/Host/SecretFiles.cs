using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Host;

/// <summary>Files that only the node's own user should be able to read.</summary>
internal static class SecretFiles
{
    /// <exception cref="FormatException">There is no such file; the message names the flag.</exception>
    public static void Require(string flag, string path)
    {
        if (path.Length > 0 && !File.Exists(path))
        {
            throw new FormatException($"{flag}: there is no file {path}");
        }
    }

    public static void WarnIfReadable(ILogger logger, string flag, string path)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
        if (path.Length > 0 && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & others) != 0)
        {
            HostLog.SecretReadable(logger, flag, path);
        }
    }
}
