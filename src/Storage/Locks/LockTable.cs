namespace Rqlite.Pg.Storage;

/// <summary>
/// The advisory locks of all sessions of the cluster, as the entries so far have left them: a table of the database like any other, so that
/// digest, copies and replays include it. A wait for a lock is a row of the table too, first come, first served.
/// </summary>
internal sealed class LockTable : IDisposable
{
    // The bound is the same on every node, since it decides whether a statement fails.
    private const long RowsMax = 100_000;
    private const string Own = "node=?3 AND session=?4";

    private readonly OwnStatement _draw;
    private readonly OwnStatement _forget;
    private readonly OwnStatement _insert;
    private readonly OwnStatement _find;
    private readonly OwnStatement _count;
    private readonly OwnStatement _holds;
    private readonly OwnStatement _conflict;
    private readonly OwnStatement _first;
    private readonly OwnStatement _grant;
    private readonly OwnStatement _delete;
    private readonly OwnStatement _sum;
    private readonly Dictionary<string, OwnStatement> _removals = [];
    private readonly Connection _connection;
    private readonly LockDeadlocks _deadlocks;

    public LockTable(Connection connection)
    {
        _connection = connection;
        _deadlocks = new LockDeadlocks(connection);
        _draw = connection.Prepare("UPDATE _rqlite_lock_tickets SET last=last+1, held=held+1 WHERE id=1 RETURNING last, held");
        _forget = connection.Prepare("UPDATE _rqlite_lock_tickets SET held=held-?1 WHERE id=1");
        _insert = connection.Prepare(
            "INSERT INTO _rqlite_locks(ticket, space, key, node, session, mode, level, granted, rank, count) VALUES(?5, ?1, ?2, ?3, ?4, ?6, ?7, ?8, ?9, 1)");
        _find = connection.Prepare(
            $"SELECT ticket, level, granted, count FROM _rqlite_locks WHERE {Own} AND space=?1 AND key=?2 AND mode=?5 ORDER BY granted DESC, level=?6 DESC");
        _count = connection.Prepare("UPDATE _rqlite_locks SET count=count+?2 WHERE ticket=?1");
        _holds = connection.Prepare($"SELECT 1 FROM _rqlite_locks WHERE {Own} AND space=?1 AND key=?2 AND granted=1 LIMIT 1");
        _conflict = connection.Prepare(
            "SELECT 1 FROM _rqlite_locks INDEXED BY _rqlite_locks_key WHERE space=?1 AND key=?2 AND granted=?6 AND (mode=2 OR ?5=2)"
            + $" AND NOT ({Own}) LIMIT 1");
        _first = connection.Prepare(
            "SELECT ticket, mode, node, session FROM _rqlite_locks INDEXED BY _rqlite_locks_key WHERE space=?1 AND key=?2 AND granted=0"
            + " ORDER BY rank, ticket LIMIT 1");
        _grant = connection.Prepare("UPDATE _rqlite_locks SET granted=1 WHERE ticket=?1");
        _delete = connection.Prepare("DELETE FROM _rqlite_locks WHERE ticket=?1");
        _sum = connection.Prepare(
            "SELECT count(*) FILTER (WHERE level=0), count(*) FILTER (WHERE level=1), (SELECT last FROM _rqlite_lock_tickets WHERE id=1)"
            + " FROM _rqlite_locks WHERE node=?1 AND session=?2");
    }

    /// <summary>The waits that have become locks since the list was last cleared, in order.</summary>
    public List<LockGrant> Grants { get; } = [];

    /// <summary>Creates the tables in a database that lacks them.</summary>
    public static void Create(Connection connection)
    {
        if (connection.ScalarInteger("SELECT count(*) FROM sqlite_schema WHERE name='_rqlite_locks'") > 0)
        {
            return;
        }

        connection.Execute("""
            CREATE TABLE _rqlite_locks(
                ticket INTEGER PRIMARY KEY, space INTEGER NOT NULL, key INTEGER NOT NULL, node BLOB NOT NULL, session INTEGER NOT NULL,
                mode INTEGER NOT NULL, level INTEGER NOT NULL, granted INTEGER NOT NULL, rank INTEGER NOT NULL, count INTEGER NOT NULL)
            """);
        connection.Execute("CREATE INDEX _rqlite_locks_key ON _rqlite_locks(space, key, granted, rank, ticket)");
        connection.Execute("CREATE INDEX _rqlite_locks_owner ON _rqlite_locks(node, session)");
        connection.Execute("CREATE TABLE _rqlite_lock_tickets(id INTEGER PRIMARY KEY CHECK(id=1), last INTEGER NOT NULL, held INTEGER NOT NULL)");
        connection.Execute("INSERT INTO _rqlite_lock_tickets VALUES(1, 0, 0)");
    }

    /// <summary>Takes a lock; if the owner has it already, takes it once more.</summary>
    /// <param name="wait">Wait in the queue if other sessions are in the way.</param>
    /// <param name="ticket">The ticket that the owner has to wait for; 0 for none.</param>
    /// <returns>False if other sessions are in the way and <paramref name="wait"/> is not set.</returns>
    /// <exception cref="SqlFunctionException">The wait would be a deadlock, or there are too many locks.</exception>
    public bool Take(in LockKey key, LockMode mode, LockLevel level, in LockOwner owner, bool wait, out long ticket)
    {
        ticket = 0;
        var own = Find(key, mode, level, owner);
        if (own.Granted)
        {
            AddHold(own, key, mode, level, owner);
            return true;
        }

        var blocked = Conflicts(key, mode, owner, granted: true);
        var queued = Conflicts(key, mode, owner, granted: false);
        var holds = (blocked || queued) && Holds(key, owner);

        // The owner cannot wait for sessions that wait for it.
        if (!blocked && (!queued || (wait && holds)))
        {
            Insert(key, mode, level, owner, granted: true, rank: 0);
            return true;
        }

        if (!wait)
        {
            return false;
        }

        if (own is { Ticket: > 0, Fits: true })
        {
            // One statement asked twice for the lock.
            ticket = own.Ticket;
            _count.Bind(1, ticket).Bind(2, 1).Run();
            return true;
        }

        if (_deadlocks.WouldClose(key, mode, owner, ahead: holds))
        {
            throw new SqlFunctionException("40P01", "deadlock detected");
        }

        ticket = Insert(key, mode, level, owner, granted: false, rank: holds ? 0 : 1);
        return true;
    }

    /// <summary>Gives back one hold of session level; false if there is none.</summary>
    public bool GiveBack(in LockKey key, LockMode mode, in LockOwner owner)
    {
        var own = Find(key, mode, LockLevel.Session, owner);
        if (!own.Granted || !own.Fits)
        {
            return false;
        }

        if (own.Count > 1)
        {
            _count.Bind(1, own.Ticket).Bind(2, -1).Run();
            return true;
        }

        _delete.Bind(1, own.Ticket).Run();
        _forget.Bind(1, 1).Run();
        Wake(key);
        return true;
    }

    public void EndAllOfSessionLevel(in LockOwner owner) => Remove("node=?1 AND session=?2 AND level=0 AND granted=1", owner.Node, owner.Session);

    /// <summary>Ends the locks of a session's transaction, and its waits.</summary>
    /// <param name="last">The last ticket that the transaction can have: a late command must not end locks of the next transaction.</param>
    public void EndTransaction(in LockOwner owner, long last) =>
        Remove("node=?1 AND session=?2 AND ticket<=?3 AND (level=1 OR granted=0)", owner.Node, owner.Session, last);

    /// <summary>Ends the locks that a transaction has taken since a savepoint.</summary>
    /// <param name="kept">The last ticket before the savepoint.</param>
    /// <param name="last">The last ticket that was drawn after the savepoint.</param>
    public void RollBack(in LockOwner owner, long kept, long last) =>
        Remove("node=?1 AND session=?2 AND ticket>?3 AND ticket<=?4 AND (level=1 OR granted=0)", owner.Node, owner.Session, kept, last);

    public void EndSession(in LockOwner owner) => Remove("node=?1 AND session=?2", owner.Node, owner.Session);

    /// <summary>Ends a wait, also if it has become a lock in the meantime.</summary>
    public void Abandon(in LockOwner owner, long ticket) => Remove("ticket=?3 AND node=?1 AND session=?2", owner.Node, owner.Session, ticket);

    public void EndNode(Guid node) => Remove("node=?1", node);

    /// <summary>Ends the locks and waits of a node's sessions whose numbers begin with <paramref name="run"/>.</summary>
    public void EndRun(Guid node, long run) => Remove("node=?1 AND session>=?2 AND session<=?3", node, run << 32, (run << 32) | uint.MaxValue);

    /// <summary>The numbers of locks that a session has, by level, and the last ticket that any session was given.</summary>
    public (int OfSession, int OfTransaction, long LastTicket) CountOf(in LockOwner owner)
    {
        Bind(_sum, 1, owner.Node).Bind(2, owner.Session).Step();
        var counts = ((int)_sum.Integer(0), (int)_sum.Integer(1), _sum.Integer(2));
        _sum.Reset();
        return counts;
    }

    public void Dispose()
    {
        OwnStatement[] all = [_draw, _forget, _insert, _find, _count, _holds, _conflict, _first, _grant, _delete, _sum, .. _removals.Values];
        foreach (var statement in all)
        {
            statement.Dispose();
        }

        _deadlocks.Dispose();
    }

    internal static OwnStatement Bind(OwnStatement statement, int index, Guid node)
    {
        Span<byte> bytes = stackalloc byte[16];
        node.TryWriteBytes(bytes);
        return statement.Bind(index, bytes);
    }

    private static OwnStatement Bind(OwnStatement statement, in LockKey key, in LockOwner owner) =>
        Bind(statement.Bind(1, key.Space).Bind(2, key.Key), 3, owner.Node).Bind(4, owner.Session);

    /// <summary>The owner's lock or wait in this mode, at the asked level if there is one.</summary>
    private (long Ticket, bool Granted, bool Fits, long Count) Find(in LockKey key, LockMode mode, LockLevel level, in LockOwner owner)
    {
        var found = Bind(_find, key, owner).Bind(5, (long)mode).Bind(6, (long)level).Step() == ResultCode.Row
            ? (_find.Integer(0), _find.Integer(2) != 0, _find.Integer(1) == (long)level, _find.Integer(3))
            : default;
        _find.Reset();
        return found;
    }

    private void AddHold(
        (long Ticket, bool Granted, bool Fits, long Count) own, in LockKey key, LockMode mode, LockLevel level, in LockOwner owner)
    {
        if (own.Fits)
        {
            _count.Bind(1, own.Ticket).Bind(2, 1).Run();
        }
        else
        {
            Insert(key, mode, level, owner, granted: true, rank: 0);
        }
    }

    private bool Holds(in LockKey key, in LockOwner owner)
    {
        var holds = Bind(_holds, key, owner).Step() == ResultCode.Row;
        _holds.Reset();
        return holds;
    }

    private bool Conflicts(in LockKey key, LockMode mode, in LockOwner owner, bool granted)
    {
        var conflicts = Bind(_conflict, key, owner).Bind(5, (long)mode).Bind(6, granted ? 1 : 0).Step() == ResultCode.Row;
        _conflict.Reset();
        return conflicts;
    }

    private long Insert(in LockKey key, LockMode mode, LockLevel level, in LockOwner owner, bool granted, int rank)
    {
        _draw.Step();
        var (ticket, held) = (_draw.Integer(0), _draw.Integer(1));
        _draw.Reset();
        if (held > RowsMax)
        {
            _forget.Bind(1, 1).Run();
            throw new SqlFunctionException(
                "53200", "out of shared memory", hint: "You might need to increase max_locks_per_transaction.");
        }

        Bind(_insert, key, owner)
            .Bind(5, ticket).Bind(6, (long)mode).Bind(7, (long)level).Bind(8, granted ? 1 : 0).Bind(9, rank).Run();
        return ticket;
    }

    private void Remove(string which, Guid node, params ReadOnlySpan<long> rest)
    {
        var keys = new List<LockKey>();
        var select = Bind(Prepared($"SELECT DISTINCT space, key FROM _rqlite_locks WHERE {which} ORDER BY space, key"), node, rest);
        while (select.Step() == ResultCode.Row)
        {
            keys.Add(new LockKey((int)select.Integer(0), select.Integer(1)));
        }

        select.Reset();
        if (keys.Count == 0)
        {
            return;
        }

        var before = Native.sqlite3_total_changes64(_connection.Handle);
        Bind(Prepared($"DELETE FROM _rqlite_locks WHERE {which}"), node, rest).Run();
        _forget.Bind(1, Native.sqlite3_total_changes64(_connection.Handle) - before).Run();
        foreach (var key in keys)
        {
            Wake(key);
        }
    }

    private OwnStatement Prepared(string sql)
    {
        if (!_removals.TryGetValue(sql, out var statement))
        {
            _removals.Add(sql, statement = _connection.Prepare(sql));
        }

        return statement;
    }

    private static OwnStatement Bind(OwnStatement statement, Guid node, ReadOnlySpan<long> rest)
    {
        Bind(statement, 1, node);
        for (var i = 0; i < rest.Length; i++)
        {
            statement.Bind(i + 2, rest[i]);
        }

        return statement;
    }

    /// <summary>Grants the lock to the waits at the front of the queue that can have it.</summary>
    private void Wake(in LockKey key)
    {
        while (First(key) is { Ticket: > 0 } first && !Conflicts(key, first.Mode, first.Owner, granted: true))
        {
            _grant.Bind(1, first.Ticket).Run();
            Grants.Add(new LockGrant(first.Owner.Node, first.Owner.Session, first.Ticket));
        }
    }

    private (long Ticket, LockMode Mode, LockOwner Owner) First(in LockKey key)
    {
        var first = _first.Bind(1, key.Space).Bind(2, key.Key).Step() == ResultCode.Row
            ? (_first.Integer(0), (LockMode)_first.Integer(1), new LockOwner(new Guid(_first.Blob(2)), _first.Integer(3)))
            : default;
        _first.Reset();
        return first;
    }
}
