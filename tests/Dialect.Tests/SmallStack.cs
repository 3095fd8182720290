using System.Runtime.ExceptionServices;

namespace Rqlite.Pg.Dialect.Tests;

/// <summary>Runs actions on a thread with a small stack.</summary>
internal static class SmallStack
{
    public static void Run(int bytes, Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception exception)
                {
                    failure = ExceptionDispatchInfo.Capture(exception);
                }
            },
            bytes);
        thread.Start();
        thread.Join();
        failure?.Throw();
    }
}
