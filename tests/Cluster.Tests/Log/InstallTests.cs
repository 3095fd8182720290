using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

public sealed class InstallTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("install-").FullName;
    private readonly MemoryStorage _storage = new();

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [InlineData(20, 2)]
    [InlineData(6, 2)]
    public async Task A_copy_of_another_history_takes_the_place_of_the_log(long index, long term)
    {
        await using (var log = await InstallAsync(index, term))
        {
            Assert.Equal((index, index, index, index), Marks(log));
            await log.AppendAsync(Entries(index + 1, 3, 2), index + 1, true);
        }

        await using (var log = Open())
        {
            Assert.Equal((index, index, index, index + 3), Marks(log));
            Assert.Equal(term, log.TermAt(index));
        }
    }

    /// <summary>What lies behind may have been acknowledged to a leader that only did not know what this node has.</summary>
    [Fact]
    public async Task A_copy_of_the_same_history_leaves_the_entries_behind_its_end()
    {
        await using (var log = await InstallAsync(6, 1))
        {
            Assert.Equal((6, 6, 6, 10), Marks(log));
            CheckTail(log);
        }

        await using (var log = Open())
        {
            Assert.Equal((6, 6, 6, 10), Marks(log));
            CheckTail(log);
        }
    }

    [Theory]
    [InlineData(20, 2, 20)]
    [InlineData(6, 2, 6)]
    [InlineData(6, 1, 10)]
    public async Task An_install_that_died_right_after_the_database_changed_is_finished_at_the_start(long index, long term, long last)
    {
        await using (var log = await BeginAsync(new LogStateMachine(_storage, _storage, Store())))
        {
            // The rest of the install does not happen.
        }

        _storage.Install(await CopyAsync(index, term));
        await using (var log = Open())
        {
            Assert.Equal((index, index, index, last), Marks(log));
        }

        Assert.Equal((index, term), BaseFile.Read(BaseFile.PathIn(_directory)));
    }

    [Fact]
    public async Task A_large_entry_may_be_the_first_after_a_copy()
    {
        await using var log = await InstallAsync(20, 2);
        await log.AppendAsync(new ReadyEntries([new ReceivedEntry(2, false, 1, new byte[5 << 20])]), 21, true);
        Assert.Equal(2, log.TermAt(21));
    }

    private static (long Base, long Committed, long Applied, long Last) Marks(DurableLog log)
        => (log.Base.Index, log.LastCommittedEntryIndex, log.LastAppliedIndex, log.LastEntryIndex);

    private static ReadyEntries Entries(long from, int count, long term)
        => new(Enumerable.Range(0, count).Select(i => new ReceivedEntry(term, false, 1, LogModel.Content(from + i, term, 100))));

    private static void CheckTail(DurableLog log)
    {
        using var entries = log.Capture(7, 10);
        Assert.Equal(Enumerable.Range(7, 4).Select(static i => LogModel.Content(i, 1, 100)), entries.Select(static e => e.Content.ToArray()));
    }

    private MemberStore Store() => new(Path.Combine(_directory, "members"));

    private DurableLog Open()
        => DurableLog.Open(
            _directory, StartGuard.FindBase(_directory, _storage), new LogStateMachine(_storage, _storage, Store()), static (_, _) => { });

    private async Task<DurableLog> BeginAsync(LogStateMachine machine)
    {
        var log = DurableLog.Open(_directory, new BasePoint(0, 0), machine, static (_, _) => { });
        await log.UpdateTermAsync(2, true);
        await log.AppendAsync(Entries(1, 10, 1), 1, true);
        return log;
    }

    private async Task<DurableLog> InstallAsync(long index, long term)
    {
        var machine = new LogStateMachine(_storage, _storage, Store());
        var log = await BeginAsync(machine);
        machine.Offer(await CopyAsync(index, term));
        await log.AppendAsync(new InstalledCopy(term), index);
        return log;
    }

    private async Task<IReplicaCopy> CopyAsync(long index, long term)
    {
        var source = new MemoryStorage();
        source.Apply(index, term, "copied"u8.ToArray(), null);
        using var stream = new MemoryStream();
        await source.WriteCopyAsync(stream, CancellationToken.None);
        stream.Position = 0;
        return await _storage.ReceiveCopyAsync(stream, CancellationToken.None);
    }
}
