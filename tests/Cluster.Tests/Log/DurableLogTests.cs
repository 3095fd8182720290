using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

public sealed class DurableLogTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("log-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    [InlineData(100_000)]
    [InlineData(3 << 20)]
    public async Task Entries_of_all_sizes_are_read_back_from_memory_and_from_the_files(int bytesMax)
    {
        await using var model = new LogModel(_directory, bytesMax);
        for (var i = 0; i < 10; i++)
        {
            await model.AppendAsync(model.Last + 1, 3, 2);
            model.Check();
        }

        await model.ReopenAsync();
        model.Check();
    }

    [Fact]
    public async Task Readers_of_nothing_do_not_disturb_one_another()
    {
        using var start = new Barrier(2);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(readers);

        void Read()
        {
            start.SignalAndWait();
            for (var i = 0; i < 5_000_000; i++)
            {
                LogEntryList.Empty.Dispose();
            }
        }
    }

    [Fact]
    public async Task A_conflict_at_any_entry_replaces_it_and_what_follows()
    {
        const int entries = 12;
        for (var at = 1; at <= entries; at++)
        {
            await using var model = new LogModel(Directory.CreateDirectory(Path.Combine(_directory, $"{at}")).FullName);
            await model.AppendAsync(1, entries, 1);
            await model.AppendAsync(at, 2, 2);
            model.Check();
            await model.ReopenAsync();
            Assert.Equal(at + 1, model.Last);
            model.Check();
        }
    }

    [Fact]
    public async Task A_conflict_removes_whole_files_too()
    {
        await using var model = new LogModel(_directory, 400_000);
        await model.AppendAsync(1, 60, 1);
        Assert.True(Directory.GetFiles(_directory, "*.log").Length > 3);
        await model.AppendAsync(3, 1, 2);
        Assert.Single(Directory.GetFiles(_directory, "*.log"));
        model.Check();
        await model.ReopenAsync();
        model.Check();
        await model.AppendAsync(4, 60, 2);
        model.Check();
    }

    [Fact]
    public async Task Any_sequence_of_operations_leaves_what_it_should()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        await using var model = new LogModel(_directory, 50_000);
        try
        {
            for (var step = 0; step < 250; step++)
            {
                await StepAsync(model, random);
                model.Check();
            }
        }
        catch (Exception error)
        {
            Assert.Fail($"seed {seed}: {error}");
        }
    }

    [Fact]
    public async Task Readers_see_whole_entries_while_others_append_and_cut_and_their_range_stays()
    {
        var seed = Random.Shared.Next();
        await using var model = new LogModel(_directory, 3_000);
        await model.AppendAsync(1, 100, 1);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(n => Task.Run(() => Read(new Random(seed + n)))).ToArray();
        for (var i = 0; i < 150; i++)
        {
            await model.AppendAsync(model.Last + 1, 20, 1);
            await model.Log.CommitAsync(model.Last);
            await model.Log.WaitForApplyAsync(model.Last);
            model.Log.TryMoveBase(model.Last - 500);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        Assert.True(model.Log.Base.Index > 2_000);

        void Read(Random random)
        {
            while (!stop.IsCancellationRequested)
            {
                var from = Math.Max(1, model.Log.LastEntryIndex - random.Next(1_000));
                using var entries = model.Log.Capture(from, Math.Min(model.Log.LastEntryIndex, from + random.Next(300)));
                if (entries.SnapshotIndex is not null)
                {
                    continue;
                }

                for (var i = 0; i < entries.Count; i++)
                {
                    Assert.Equal(from + i, entries[i].Index);
                    Assert.Equal(LogModel.Content(from + i, 1, 3_000), entries[i].Content);
                }
            }
        }
    }

    [Fact]
    public async Task Whoever_waits_for_the_disk_gets_it_and_all_share_the_flushes()
    {
        await using var model = new LogModel(_directory);
        await model.Log.UpdateTermAsync(1, true);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            var index = await model.Log.AppendAsync(model.Entry(1, 1));
            await model.Log.FlushAsync(index);
        })));
        await model.ReopenAsync();
        Assert.Equal(200, model.Log.LastEntryIndex);
    }

    [Fact]
    public async Task What_is_committed_is_applied_in_order_whoever_commits_it()
    {
        var storage = new MemoryStorage();
        await using var log = FollowerChild.Open(_directory, storage);
        await log.UpdateTermAsync(1, true);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(async () =>
        {
            var index = await log.AppendAsync(new BinaryLogEntry { Content = new byte[] { 1 }, Term = 1 });
            if (index % 2 == 0)
            {
                await log.CommitAsync(index);
            }
            else
            {
                Assert.True(await log.TryCommitAloneAsync(index, 1, static () => true, TestCluster.Limit));
            }

            await log.WaitForApplyAsync(index, TestCluster.Limit);
            Assert.True(storage.AppliedIndex >= index);
        })));
        Assert.Equal(100, storage.AppliedIndex);
    }

    [Fact]
    public async Task The_only_voter_commits_nothing_by_itself_under_another_term_or_a_list_that_is_not_in_effect()
    {
        await using var log = FollowerChild.Open(_directory, new MemoryStorage());
        await log.UpdateTermAsync(2, true);
        var index = await log.AppendAsync(new BinaryLogEntry { Content = new byte[] { 1 }, Term = 2 });
        Assert.False(await log.TryCommitAloneAsync(index, 1, static () => true, TestCluster.Limit));
        Assert.False(await log.TryCommitAloneAsync(index, 2, static () => false, TestCluster.Limit));
        await log.AppendAsync(new Membership.MembersEntry(Membership.Members.Empty, 2));
        Assert.False(await log.TryCommitAloneAsync(index, 2, static () => true, TestCluster.Limit));
        Assert.Equal(0, log.LastCommittedEntryIndex);
    }

    [Fact]
    public async Task Term_and_vote_are_remembered_and_a_damaged_slot_gives_the_write_before()
    {
        var voted = RaftPeer.MemberId(Guid.NewGuid());
        var other = RaftPeer.MemberId(Guid.NewGuid());
        await using (var log = FollowerChild.Open(_directory, new MemoryStorage()))
        {
            Assert.True(log.IsVotedFor(other));
            await log.UpdateTermAsync(7, true);
            await log.UpdateVotedForAsync(voted);
            Assert.Equal(8, await log.IncrementTermAsync(other));
        }

        await using (var log = FollowerChild.Open(_directory, new MemoryStorage()))
        {
            Assert.Equal(8, log.Term);
            Assert.True(log.IsVotedFor(other));
            Assert.False(log.IsVotedFor(voted));
        }

        var path = TermFile.PathIn(_directory);
        var content = await File.ReadAllBytesAsync(path);

        // The fourth write went to the second slot.
        content[4096 + 20] ^= 1;
        await File.WriteAllBytesAsync(path, content);
        await using (var log = FollowerChild.Open(_directory, new MemoryStorage()))
        {
            Assert.Equal(7, log.Term);
            Assert.True(log.IsVotedFor(voted));
        }

        content[20] ^= 1;
        await File.WriteAllBytesAsync(path, content);
        Assert.Throws<LogDamageException>(() => FollowerChild.Open(_directory, new MemoryStorage()));
    }

    [Fact]
    public void A_log_of_another_format_is_refused()
    {
        File.WriteAllText(Path.Combine(_directory, "checkpoint"), "");
        var error = Assert.Throws<InvalidDataException>(() => FollowerChild.Open(_directory, new MemoryStorage()));
        Assert.Contains("earlier version", error.Message, StringComparison.Ordinal);
    }

    private static async Task StepAsync(LogModel model, Random random)
    {
        var term = Math.Max(1, model.TermOf(model.Last));
        var committed = model.Log.LastCommittedEntryIndex;
        switch (random.Next(8))
        {
            case 0:
                await model.AppendAsync(random.NextInt64(committed, model.Last + 1) + 1, random.Next(1, 6), term + 1);
                break;
            case 1 when model.Last > committed:
                // A late repetition.
                var from = random.NextInt64(committed, model.Last) + 1;
                await model.AppendAsync(from, 1, model.TermOf(from));
                break;
            case 2:
                await model.Log.CommitAsync(random.NextInt64(committed, model.Last + 1));
                await model.Log.WaitForApplyAsync(model.Log.LastCommittedEntryIndex);
                break;
            case 3:
                model.Log.TryMoveBase(random.NextInt64(0, model.Log.LastAppliedIndex + 1));
                break;
            case 4:
                // What is committed is forgotten here and found again by the base.
                if (model.Log.Base.Index == model.Log.LastAppliedIndex)
                {
                    await model.ReopenAsync();
                }

                break;
            case 5 when model.Log.Term == term:
                await model.ProposeAsync();
                break;
            default:
                await model.AppendAsync(model.Last + 1, random.Next(1, 10), term);
                break;
        }
    }
}
