namespace Rqlite.Pg.Storage.Tests;

public class ReadWorkerTests
{
    [Fact]
    public void Work_that_comes_while_an_idle_thread_gives_up_leaves_its_later_turns_right()
    {
        using var workers = new ReadWorkers(1, TimeSpan.FromMilliseconds(50));
        var (late, other) = (new Work(workers), new Work(workers));
        var gaveUp = 0;
        workers.IdleEnded = () =>
        {
            if (Interlocked.Increment(ref gaveUp) == 1)
            {
                workers.Start(late);
                workers.Start(other);
            }
        };
        Finish(new Work(workers));
        Assert.True(late.Done.Wait(TimeSpan.FromSeconds(10)) && other.Done.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, Work.MostAtOnce);

        // Until all threads have ended, and with new ones.
        for (var i = 0; i < 5; i++)
        {
            Assert.True(SpinWait.SpinUntil(() => workers.Count == 0, TimeSpan.FromSeconds(10)), "A turn was not given back.");
            Thread.Sleep(60);
            Finish(new Work(workers));
        }

        void Finish(Work work)
        {
            workers.Start(work);
            Assert.True(work.Done.Wait(TimeSpan.FromSeconds(10)), "The read got no turn.");
        }
    }

    /// <summary>Work that lets others run once its slice is over, and then takes a while.</summary>
    private sealed class Work(ReadWorkers workers) : IReadWork
    {
        private static int s_running;

        public static int MostAtOnce { get; private set; }

        public ManualResetEventSlim Done { get; } = new();

        public bool IsLong => false;

        public void Run()
        {
            while (workers.Count > 1 && !workers.IsSliceOver)
            {
                Thread.Sleep(1);
            }

            workers.GiveWay();
            MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref s_running));
            Thread.Sleep(20);
            Interlocked.Decrement(ref s_running);
            Done.Set();
        }
    }
}
