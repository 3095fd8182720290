using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>A full-text index that never merges has room for 2,000 segments, one for each transaction; then SQLite says FULL, and the disk is not.</summary>
internal static class FtsSegments
{
    public static async Task<Finding> RunAsync(Bench bench)
    {
        (await bench.Api.ExecuteAsync("CREATE VIRTUAL TABLE IF NOT EXISTS segments USING fts5(x)")).Result();
        await bench.Api.ExecuteAsync("INSERT INTO segments(segments, rank) VALUES ('automerge', 0)");
        await bench.Api.ExecuteAsync("INSERT INTO segments(segments, rank) VALUES ('crisismerge', 1999)");
        Answer? refused = null;
        var done = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 4200), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            if (refused is not null)
            {
                return;
            }

            var answer = Answer.Of(await bench.Cluster.Nodes[i % 3].Api.ExecuteAsync([$"INSERT INTO segments VALUES ('word{i}')"], token: token));
            if (answer.Kind == AnswerKinds.Done)
            {
                Interlocked.Increment(ref done);
            }
            else
            {
                refused ??= answer;
            }
        });
        return refused is { Kind: AnswerKinds.Fault or AnswerKinds.Silence }
            ? Finding.Bad($"after {done} inserts: {refused}")
            : Finding.Good($"{done} inserts, then {refused?.ToString() ?? "nothing else"}");
    }
}
