using System.Diagnostics;

namespace Rqlite.Pg.Harness;

/// <summary>Waits for conditions, with a bound that only a failure reaches.</summary>
public static class Until
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    public static async Task<T> NotNullAsync<T>(string what, Func<Task<T?>> probe, Func<string>? whenLate = null, TimeSpan? bound = null)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        for (; ; )
        {
            if (await probe() is { } found)
            {
                return found;
            }

            if (clock.Elapsed > (bound ?? Bound))
            {
                throw new TimeoutException($"Waited {clock.Elapsed.TotalSeconds:0} s in vain: {what}\n{whenLate?.Invoke()}");
            }

            await Task.Delay(50);
        }
    }

    public static Task TrueAsync(string what, Func<Task<bool>> probe, Func<string>? whenLate = null, TimeSpan? bound = null) =>
        NotNullAsync(what, async () => await probe() ? what : null, whenLate, bound);
}
