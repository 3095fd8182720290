using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;
using StorageDatabase = Rqlite.Pg.Storage.Database;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>A real process is killed when the log has agreed to a group of transactions and SQLite has not committed them.</summary>
public sealed class KilledGroupTests(ITestOutputHelper output) : IDisposable
{
    private const int Lives = 3;
    private const int MembersMin = 3;

    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);
    private static readonly ReadOptions Own = new() { Consistency = ReadConsistency.None };

    private readonly string _directory = Directory.CreateTempSubdirectory("group-kill-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task What_was_agreed_to_is_replayed_after_a_kill_in_front_of_its_commit_and_nothing_acknowledged_is_lost()
    {
        var home = Path.Combine(_directory, "node");
        var acknowledged = new HashSet<int>();
        for (var life = 1; life <= Lives; life++)
        {
            var (applied, members) = await RunUntilKilledAsync(home, life, acknowledged);
            var told = acknowledged.Count;
            await using (var left = StorageDatabase.Open(new() { Directory = GroupChild.Storage(home) }, NullLoggerFactory.Instance))
            {
                Assert.Equal(applied, left.AppliedIndex);
            }

            var log = await RestartAsync(home, life, acknowledged);
            Assert.True(log >= applied + members, $"life {life}: the log ends at {log}, {applied} + {members} had been agreed to");
            output.WriteLine($"life {life}: {told} rows acknowledged or seen, {acknowledged.Count} there; {applied} entries in the database, {members} more agreed to");
            await CheckAgainstReplayAsync(home);
        }
    }

    private static async Task<(long Applied, int Members)> RunUntilKilledAsync(string home, int life, HashSet<int> acknowledged)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] arguments =
        [
            "exec", typeof(KilledGroupTests).Assembly.Location, "groups", home,
            life.ToString(CultureInfo.InvariantCulture), MembersMin.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync();
        (long, int) killed = default;
        using var bound = new CancellationTokenSource(Bound);
        using var patience = bound.Token.Register(child.Kill);
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["done", var id]:
                    Assert.True(acknowledged.Add(int.Parse(id, CultureInfo.InvariantCulture)), line);
                    break;
                case ["killed", var applied, var members]:
                    killed = (long.Parse(applied, CultureInfo.InvariantCulture), int.Parse(members, CultureInfo.InvariantCulture));
                    break;
            }
        }

        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 128 + 9 && killed.Item2 >= MembersMin, $"life {life}: exit code {child.ExitCode}. {await errors}");
        return killed;
    }

    /// <summary>Starts the node on what the kill has left, and says where its log ends.</summary>
    private static async Task<long> RestartAsync(string home, int life, HashSet<int> acknowledged)
    {
        await using var node = await GroupChild.StartAsync(home);
        await TestCluster.Until(() => node.Ready && node.IsLeader, "a leader");
        var ids = (await node.Database.ReadAsync("SELECT id FROM history", new() { Consistency = ReadConsistency.Linearizable }))
            .Split(';').Select(static text => int.Parse(text, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Empty(acknowledged.Except(ids));
        Assert.All(ids.Except(acknowledged), id => Assert.InRange(id / GroupChild.IdsOfLife, 1, life));
        Assert.Equal($"{ids.Count}", await node.Database.ReadAsync("SELECT n FROM hot", Own));
        Assert.Equal("ok", await node.Database.ReadAsync("PRAGMA quick_check", Own));
        acknowledged.UnionWith(ids);
        return node.Storage.AppliedIndex;
    }

    private async Task CheckAgainstReplayAsync(string home)
    {
        var folder = Path.Combine(_directory, "replay");
        await using (var replayed = StorageDatabase.Open(new() { Directory = folder }, NullLoggerFactory.Instance))
        await using (var restarted = StorageDatabase.Open(new() { Directory = GroupChild.Storage(home) }, NullLoggerFactory.Instance))
        {
            await using var log = FollowerChild.Open(Path.Combine(home, "raft"), new MemoryStorage());
            using var entries = log.Capture(1, log.LastEntryIndex);
            var applier = new EntryApplier(replayed);
            for (var i = 0; i < entries.Count; i++)
            {
                if (!entries[i].IsConfiguration)
                {
                    applier.Apply(entries[i].Index, entries[i].Term, entries[i].Content, null);
                }
            }

            Assert.Equal(replayed.AppliedIndex, restarted.AppliedIndex);
            Assert.Equal(await replayed.ContentHashAsync(default), await restarted.ContentHashAsync(default));
        }

        Directory.Delete(folder, true);
    }
}
