namespace Rqlite.Pg.Storage;

/// <summary>The advisory locks as the statements of one entry see them, and the current statement's effects on them.</summary>
internal sealed class LockRun(Connection connection) : IDisposable
{
    // Without a bound, a statement that unlocks for each row of a table would leave a warning for each.
    private const int WarningsMax = 100;

    private readonly LockTable _table = new(connection);
    private readonly List<long> _waiting = [];
    private readonly List<string> _warnings = [];
    private LockOwner? _used;

    /// <summary>The current statements may use advisory locks.</summary>
    public bool Allowed { get; private set; }

    public IReadOnlyList<LockGrant> Grants => _table.Grants;

    public void BeginEntry() => _table.Grants.Clear();

    /// <param name="allowed">The command's statement may use advisory locks.</param>
    public void BeginCommand(bool allowed)
    {
        Allowed = allowed;
        Forget();
    }

    /// <summary>The table, for a function called by a statement of <paramref name="owner"/>.</summary>
    public LockTable For(in LockOwner owner)
    {
        _used = owner;
        return _table;
    }

    /// <summary>The table, for the node itself.</summary>
    public LockTable ForNode() => _table;

    /// <summary>Delays the statement's answer until the ticket has become a lock.</summary>
    public void WaitFor(long ticket)
    {
        if (!_waiting.Contains(ticket))
        {
            _waiting.Add(ticket);
        }
    }

    public void Warn(string warning)
    {
        if (_warnings.Count < WarningsMax)
        {
            _warnings.Add(warning);
        }
    }

    /// <summary>The effects of the statement that has just ended, or null.</summary>
    public LockEffects? Take()
    {
        if (_used is not { } owner)
        {
            return null;
        }

        var (ofSession, ofTransaction, last) = _table.CountOf(owner);
        var effects = new LockEffects(ofSession, ofTransaction, last, _waiting.ToArray(), _warnings.ToArray());
        Forget();
        return effects;
    }

    /// <summary>Ends the waits of a failed statement. Locks that it has got stay with its session, as in PostgreSQL.</summary>
    public void StatementFailed()
    {
        if (_used is { } owner)
        {
            foreach (var ticket in _waiting)
            {
                _table.Abandon(owner, ticket);
            }
        }

        _waiting.Clear();
    }

    public void Dispose() => _table.Dispose();

    private void Forget()
    {
        _used = null;
        _waiting.Clear();
        _warnings.Clear();
    }
}
