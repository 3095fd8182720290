using System.Runtime.InteropServices;

namespace Rqlite.Pg.Host;

/// <summary>The permissions of all files that the process makes.</summary>
internal static class OwnFiles
{
    private const uint OthersMayNothing = 0x3F;

    public static void Restrict()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask(OthersMayNothing);
        }
    }

    [DllImport("libc", EntryPoint = "umask")]
    private static extern uint SetMask(uint mask);
}
