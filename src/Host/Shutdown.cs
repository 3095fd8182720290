using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Host;

/// <summary>Ends the process when going down takes too long: whatever is not done then, the next start does.</summary>
internal sealed class Shutdown(TimeSpan limit, ILoggerFactory loggers, ILogger logger)
{
    private int _begun;

    /// <summary>Starts the clock, on a thread of its own: the pool may be what does not go on.</summary>
    public void Begin()
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
        {
            new Thread(Wait) { IsBackground = true, Name = "shutdown" }.Start();
        }
    }

    private void Wait()
    {
        Thread.Sleep(limit);
        HostLog.ShutdownTooLong(logger, limit.TotalSeconds);

        // Writes what the log still holds, but must not wait for a reader of it.
        var writer = new Thread(loggers.Dispose) { IsBackground = true };
        writer.Start();
        writer.Join(TimeSpan.FromSeconds(1));
        if (OperatingSystem.IsWindows())
        {
            Environment.FailFast("The shutdown took too long.");
        }

        Exit(1);
    }

    /// <summary>Ends the process without the runtime's own shutdown, which waits for threads that are in foreign code.</summary>
    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void Exit(int code);
}
