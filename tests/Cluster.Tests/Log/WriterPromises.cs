using System.Globalization;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>What <see cref="WriterChild"/> has said.</summary>
internal sealed class WriterPromises
{
    private readonly SortedDictionary<long, long> _terms = [];
    private long _changing = long.MaxValue;

    public long Last => _terms.Count == 0 ? 0 : _terms.Keys.Last();

    public void Take(string line)
    {
        var words = line.Split(' ');
        if (words is ["change", var at])
        {
            _changing = long.Parse(at, CultureInfo.InvariantCulture);
        }
        else if (words is ["done", var first, var last, var term])
        {
            Forget(_changing);
            _changing = long.MaxValue;
            for (var index = long.Parse(first, CultureInfo.InvariantCulture); index <= long.Parse(last, CultureInfo.InvariantCulture); index++)
            {
                _terms[index] = long.Parse(term, CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>Holds the log to what was said, and goes on from what it holds.</summary>
    public void Check(DurableLog log, string when)
    {
        var kept = _terms.Keys.Where(i => i < _changing).DefaultIfEmpty(0).Max();
        Assert.True(log.LastEntryIndex >= kept, $"{when}: {log.LastEntryIndex} entries, {kept} were promised");
        using var entries = log.LastEntryIndex == 0 ? LogEntryList.Empty : log.Capture(1, log.LastEntryIndex);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Assert.Equal(LogModel.Content(entry.Index, entry.Term, WriterChild.ContentBytesMax), entry.Content);
            if (entry.Index <= kept)
            {
                Assert.True(_terms[entry.Index] == entry.Term, $"{when}: entry {entry.Index} has term {entry.Term}");
            }

            _terms[entry.Index] = entry.Term;
        }

        Forget(log.LastEntryIndex + 1);
        _changing = long.MaxValue;
    }

    private void Forget(long from)
    {
        foreach (var index in _terms.Keys.Where(i => i >= from).ToList())
        {
            _terms.Remove(index);
        }
    }
}
