using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Abuse;

/// <summary>An endless write on nodes whose disk is small: it is undone, and the room is there again.</summary>
internal static class SmallDisk
{
    public static async Task<Finding> RunAsync(Bench bench)
    {
        var folder = Directory.CreateTempSubdirectory("rqlited-disk-").FullName;
        if ((await CommandLine.BashAsync($"mount -t tmpfs -o size=900m tmpfs {folder}")).ExitCode != 0)
        {
            return Finding.Good("left out: a small disk can only be mounted by root");
        }

        var before = Environment.GetEnvironmentVariable("TMPDIR");
        try
        {
            Environment.SetEnvironmentVariable("TMPDIR", folder);
            await using var small = await Bench.StartAsync(bench.Options with { Limit = TimeSpan.FromSeconds(30) });
            var node = await small.NodeAsync(leader: true);
            using var api = new Api(node.HttpPort, TimeSpan.FromSeconds(60));
            var answer = Answer.Of(await api.ExecuteAsync("INSERT INTO p WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c) SELECT zeroblob(4000) FROM c"));
            var trouble = await small.TroubleAsync();
            return trouble is not null ? Finding.Bad($"{answer}; {trouble}")
                : (answer.Kind & AnswerKinds.No) == 0 ? Finding.Bad($"answered {answer}")
                : await small.RestartAsync(kill: true) is { } wrong ? Finding.Bad(wrong)
                : Finding.Good(answer.ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", before);
            await CommandLine.BashAsync($"umount -l {folder} && rmdir {folder}");
        }
    }
}
