using System.Diagnostics;

namespace Rqlite.Pg.Fuzz;

/// <summary>Feeds one target with mutated inputs until the first finding or the end of the bound.</summary>
internal static class Campaign
{
    private static readonly TimeSpan HangAfter = TimeSpan.FromSeconds(30);

    /// <summary>Answers how many inputs were taken.</summary>
    /// <exception cref="FuzzFindingException">With the input and the command that replays it.</exception>
    public static async Task<long> RunAsync(IFuzzTarget target, int seed, TimeSpan bound, long inputsMax = long.MaxValue)
    {
        List<byte[]> corpus = [.. Corpus.Load(target.Name), .. target.Seeds];
        foreach (var input in corpus)
        {
            await OneAsync(target, input, "the corpus itself");
        }

        var mutator = new Mutator(corpus, seed);
        var clock = Stopwatch.StartNew();
        long count = 0;
        for (; count < inputsMax && clock.Elapsed < bound; count++)
        {
            await OneAsync(target, mutator.Next(), $"seed {seed}, input {count}");
        }

        return count;
    }

    public static async Task OneAsync(IFuzzTarget target, byte[] input, string origin)
    {
        try
        {
            // On another thread, so that an endless loop is seen from outside.
            await Task.Run(() => target.RunAsync(input).AsTask()).WaitAsync(HangAfter);
        }
        catch (TimeoutException)
        {
            throw new FuzzFindingException(target, input, origin, $"did not return within {HangAfter.TotalSeconds} s", null);
        }
        catch (Exception e)
        {
            throw new FuzzFindingException(target, input, origin, e.Message, e);
        }
    }
}
