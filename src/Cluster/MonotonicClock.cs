using System.Runtime.InteropServices;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Milliseconds of a clock that never goes back and that goes on while the machine sleeps, so that a machine that wakes up knows how long it
/// was away.
/// </summary>
internal static class MonotonicClock
{
    // Linux's CLOCK_BOOTTIME.
    private const int BootTime = 7;

    public static long Milliseconds
    {
        get
        {
            if (OperatingSystem.IsLinux() && GetTime(BootTime, out var time) == 0)
            {
                return (time.Seconds * 1000) + (time.Nanoseconds / 1_000_000);
            }

            return Environment.TickCount64;
        }
    }

    // The call neither blocks nor calls back, and is made for every read.
    [SuppressGCTransition]
    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
