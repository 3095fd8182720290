using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Listens on one node, and anew whenever its connection breaks or it is tired of it: idle, between its own statements, and around blocks,
/// in which nothing may come.
/// </summary>
internal sealed class NotifyListener(NodeOptions node, string channel, string last) : IDisposable
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<HeardStretch> _stretches = [];
    private readonly List<string> _now = [];
    private long _listened;
    private string? _wrong;
    private volatile bool _finishing;
    private volatile bool _stop;

    /// <summary>Not to be looked at while it listens, but for their number.</summary>
    public IReadOnlyList<HeardStretch> Stretches => _stretches;

    public int Heard => _stretches.Sum(s => s.Heard.Count);

    public async Task RunAsync(Random random)
    {
        while (!_stop && !_ended.Task.IsCompleted)
        {
            var heardAll = false;
            try
            {
                using var session = await PgText.ConnectAsync(node.PgPort);
                heardAll = await StretchAsync(session, random);
            }
            catch (IOException)
            {
                await Task.Delay(random.Next(20, 100));
            }

            if (_listened != 0)
            {
                _stretches.Add(new HeardStretch($"a session on {node.Id}", _listened, [.. _now], heardAll));
                _now.Clear();
                _listened = 0;
            }

            if (heardAll)
            {
                _ended.TrySetResult();
            }
        }
    }

    /// <summary>The last notification has been committed; says what is wrong if it does not arrive.</summary>
    public async Task<string?> FinishAsync()
    {
        _finishing = true;
        if (await Task.WhenAny(_ended.Task, Task.Delay(Until.Bound)) != _ended.Task)
        {
            _stop = true;
            return $"a session on {node.Id}, listening since {_listened}, heard {_now.Count} but not the last notification";
        }

        return _wrong;
    }

    public void Dispose() => _stop = true;

    /// <summary>True if it stayed until the last notification, or began behind it.</summary>
    private async Task<bool> StretchAsync(PgText session, Random random)
    {
        // What began behind the end would have nothing to hear.
        var late = _finishing;
        var answer = await session.RunAsync($"LISTEN {channel}", extended: random.Next(2) == 0);
        if (!answer.Ok || late)
        {
            session.Vanish();
            return late;
        }

        _listened = HistoryLog.Now;
        while (!_stop)
        {
            await session.HearAsync(TimeSpan.FromMilliseconds(random.Next(1, 100)));
            Take(session);
            if (_now.Contains(last))
            {
                return true;
            }

            switch (random.Next(40))
            {
                case < 5:
                    answer = await session.RunAsync("SELECT 1");
                    Take(session);
                    break;
                case 5:
                    answer = await BlockAsync(session, random);
                    break;
                case 6 when random.Next(10) == 0 && !_finishing:
                    return false;
            }

            if (!answer.Ok)
            {
                return false;
            }
        }

        return false;
    }

    private async Task<PgAnswer> BlockAsync(PgText session, Random random)
    {
        var begun = await session.RunAsync("BEGIN; SELECT 1");
        Take(session);
        if (!begun.Ok)
        {
            return begun;
        }

        await session.HearAsync(TimeSpan.FromMilliseconds(random.Next(1, 300)));
        var answer = await session.RunAsync("SELECT 2");
        if (Take(session) && answer.Ok)
        {
            _wrong = $"a session on {node.Id} was told of something within its block: {_now[^1]}";
        }

        answer = answer.Ok ? await session.RunAsync("COMMIT") : answer;
        Take(session);
        return answer;
    }

    private bool Take(PgText session)
    {
        var taken = session.TakeNotifications();
        _now.AddRange(taken);
        return taken.Count > 0;
    }
}
