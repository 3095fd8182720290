using System.Text;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>A log under test and what it should hold; the content of an entry follows from its index and term.</summary>
internal sealed class LogModel(string directory, int bytesMax = 200) : IAsyncDisposable
{
    private readonly List<long> _terms = [0];

    public DurableLog Log { get; private set; } = FollowerChild.Open(directory, new MemoryStorage());

    public MemoryStorage Storage { get; private set; } = new();

    public long Last => _terms.Count - 1;

    public string Directory => directory;

    public static byte[] Content(long index, long term, int bytesMax)
    {
        var text = Encoding.UTF8.GetBytes($"{index}/{term} ");
        var random = new Random((int)((index * 31) + term));
        var content = new byte[random.Next(bytesMax + 1)];
        for (var i = 0; i < content.Length; i++)
        {
            content[i] = text[i % text.Length];
        }

        return content;
    }

    public long TermOf(long index) => _terms[(int)index];

    public ReceivedEntry Entry(long index, long term) => new(term, false, 1, Content(index, term, bytesMax));

    /// <summary>As a follower: entries of one term for the places from an index on.</summary>
    public async Task AppendAsync(long from, int count, long term)
    {
        if (Log.Term < term)
        {
            await Log.UpdateTermAsync(term, true);
        }

        await Log.AppendAsync(new ReadyEntries(Enumerable.Range(0, count).Select(i => Entry(from + i, term))), from, true);
        Take(from, count, term);
    }

    /// <summary>As a leader; not on disk yet.</summary>
    public async Task ProposeAsync()
    {
        Assert.Equal(Last + 1, await Log.AppendAsync(Entry(Last + 1, Log.Term)));
        _terms.Add(Log.Term);
    }

    /// <summary>What <see cref="AppendAsync"/> should do.</summary>
    public void Take(long from, int count, long term)
    {
        for (var index = from; index < from + count; index++)
        {
            if (index <= Last && _terms[(int)index] != term)
            {
                _terms.RemoveRange((int)index, _terms.Count - (int)index);
            }

            if (index > Last)
            {
                _terms.Add(term);
            }
        }
    }

    public async Task ReopenAsync()
    {
        await Log.DisposeAsync();
        var point = BaseFile.Read(BaseFile.PathIn(directory));
        Storage = new MemoryStorage();
        Log = DurableLog.Open(
            directory, new BasePoint(point.Index, point.Term),
            new LogStateMachine(Storage, Storage, new Membership.MemberStore(Path.Combine(directory, "members"))), static (_, _) => { });
    }

    /// <summary>The log holds exactly what it should.</summary>
    public void Check()
    {
        Assert.Equal(Last, Log.LastEntryIndex);
        Check(Log.Base.Index + 1, Last);
        Assert.Equal(TermOf(Log.Base.Index), Log.TermAt(Log.Base.Index));
    }

    public void Check(long from, long to)
    {
        using var entries = from > to ? LogEntryList.Empty : Log.Capture(from, to);
        Assert.Equal(Math.Max(0, to - from + 1), entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Assert.Equal((from + i, TermOf(from + i)), (entry.Index, entry.Term));
            Assert.Equal(Content(entry.Index, entry.Term, bytesMax), entry.Content);
            Assert.Equal(entry.Term, Log.TermAt(entry.Index));
        }
    }

    public ValueTask DisposeAsync() => Log.DisposeAsync();
}
