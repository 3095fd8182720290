namespace Rqlite.Pg.Storage;

/// <summary>Finds deadlocks by following waits from session to session. It is asked before each wait begins, so that no cycle ever exists.</summary>
internal sealed class LockDeadlocks : IDisposable
{
    private readonly OwnStatement _rows;
    private readonly OwnStatement _waits;
    private readonly OwnStatement _holdsAny;

    public LockDeadlocks(Connection connection)
    {
        // In the order of the queue: the holders of the lock, then the waits for it.
        _rows = connection.Prepare(
            "SELECT ticket, mode, node, session, granted FROM _rqlite_locks INDEXED BY _rqlite_locks_key WHERE space=?1 AND key=?2"
            + " ORDER BY granted DESC, rank, ticket");
        _waits = connection.Prepare("SELECT ticket, space, key, mode FROM _rqlite_locks WHERE node=?1 AND session=?2 AND granted=0 ORDER BY ticket");
        _holdsAny = connection.Prepare("SELECT 1 FROM _rqlite_locks WHERE node=?1 AND session=?2 LIMIT 1");
    }

    /// <summary>True if a session that <paramref name="owner"/> would wait for waits for the owner, perhaps through others.</summary>
    /// <param name="ahead">The wait would be queued ahead of others, since the owner holds the lock in another mode.</param>
    public bool WouldClose(in LockKey key, LockMode mode, LockOwner owner, bool ahead)
    {
        // No session can wait for one that holds nothing: most waiting sessions hold nothing, so they need no search.
        var holds = LockTable.Bind(_holdsAny, 1, owner.Node).Bind(2, owner.Session).Step() == ResultCode.Row;
        _holdsAny.Reset();
        return holds && new Search(this, owner).Run(key, mode, ahead);
    }

    public void Dispose()
    {
        _rows.Dispose();
        _waits.Dispose();
        _holdsAny.Dispose();
    }

    private List<Entry> RowsOf(LockKey key)
    {
        var rows = new List<Entry>();
        _rows.Bind(1, key.Space).Bind(2, key.Key);
        while (_rows.Step() == ResultCode.Row)
        {
            rows.Add(new Entry(
                _rows.Integer(0), (LockMode)_rows.Integer(1), new LockOwner(new Guid(_rows.Blob(2)), _rows.Integer(3)), _rows.Integer(4) != 0));
        }

        _rows.Reset();
        return rows;
    }

    private List<(long Ticket, LockKey Key, LockMode Mode)> WaitsOf(LockOwner owner)
    {
        var waits = new List<(long, LockKey, LockMode)>();
        LockTable.Bind(_waits, 1, owner.Node).Bind(2, owner.Session);
        while (_waits.Step() == ResultCode.Row)
        {
            waits.Add((_waits.Integer(0), new LockKey((int)_waits.Integer(1), _waits.Integer(2)), (LockMode)_waits.Integer(3)));
        }

        _waits.Reset();
        return waits;
    }

    private readonly record struct Entry(long Ticket, LockMode Mode, LockOwner Owner, bool Granted);

    /// <summary>One search. It visits each session once, and each queue up to the last place at which a session was found.</summary>
    private sealed class Search(LockDeadlocks graph, LockOwner start)
    {
        private readonly Dictionary<LockKey, (List<Entry> Rows, int Seen)> _queues = [];
        private readonly HashSet<LockOwner> _met = [start];
        private readonly Queue<LockOwner> _next = new();

        public bool Run(LockKey key, LockMode mode, bool ahead)
        {
            var rows = Queue(key);
            var end = ahead ? rows.FindIndex(row => !row.Granted) : rows.Count;
            Meet(key, end < 0 ? rows.Count : end);
            while (_next.TryDequeue(out var session))
            {
                foreach (var wait in graph.WaitsOf(session))
                {
                    if (WaitsForStart(wait.Key, wait.Ticket, wait.Mode, own: wait.Key == key ? mode : null, ahead))
                    {
                        return true;
                    }
                }
            }

            return false;
        }

        private List<Entry> Queue(LockKey key)
        {
            if (!_queues.TryGetValue(key, out var queue))
            {
                _queues.Add(key, queue = (graph.RowsOf(key), 0));
            }

            return queue.Rows;
        }

        /// <summary>
        /// True if the start of the search is before this place in the queue and conflicts with its wait. Other sessions before the place are
        /// visited later.
        /// </summary>
        private bool WaitsForStart(LockKey key, long ticket, LockMode mode, LockMode? own, bool ahead)
        {
            if (own is { } asked && ahead && Conflict(asked, mode))
            {
                // The wait that is asked about would overtake this one.
                return true;
            }

            var rows = Queue(key);
            var place = rows.FindIndex(row => row.Ticket == ticket);
            for (var i = 0; i < place; i++)
            {
                if (rows[i].Owner == start && Conflict(rows[i].Mode, mode))
                {
                    return true;
                }
            }

            Meet(key, place);
            return false;
        }

        private void Meet(LockKey key, int end)
        {
            var (rows, seen) = _queues[key];
            for (var i = seen; i < end; i++)
            {
                if (_met.Add(rows[i].Owner))
                {
                    _next.Enqueue(rows[i].Owner);
                }
            }

            _queues[key] = (rows, Math.Max(seen, end));
        }

        private static bool Conflict(LockMode left, LockMode right) => left == LockMode.Exclusive || right == LockMode.Exclusive;
    }
}
