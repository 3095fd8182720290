using System.Runtime.InteropServices;

namespace Rqlite.Pg.Cluster;

/// <summary>Milliseconds that only go forward and that go on while the machine sleeps, so that a machine that wakes up knows how long it was away.</summary>
internal static class MonotonicClock
{
    // CLOCK_BOOTTIME of Linux.
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

    // It neither blocks nor calls back, and is asked for every read.
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
