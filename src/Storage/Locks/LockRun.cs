namespace Rqlite.Pg.Storage;

/// <summary>The advisory locks as the statements of one entry see them, and what the statement at hand has done with them.</summary>
internal sealed class LockRun(Connection connection) : IDisposable
{
    // A statement that unlocks for each row of a table would otherwise leave a warning for each.
    private const int WarningsMax = 100;

    private readonly LockTable _table = new(connection);
    private readonly List<long> _waiting = [];
    private readonly List<string> _warnings = [];
    private LockOwner? _used;

    /// <summary>The statements at hand may use them.</summary>
    public bool Allowed { get; private set; }

    public IReadOnlyList<LockGrant> Grants => _table.Grants;

    public void BeginEntry() => _table.Grants.Clear();

    /// <param name="allowed">The command's statement may use them.</param>
    public void BeginCommand(bool allowed)
    {
        Allowed = allowed;
        Forget();
    }

    /// <summary>The table, for a function that the statement of <paramref name="owner"/> calls.</summary>
    public LockTable For(in LockOwner owner)
    {
        _used = owner;
        return _table;
    }

    /// <summary>The table, for the node itself.</summary>
    public LockTable ForNode() => _table;

    /// <summary>The statement is answered only when the ticket has become a lock.</summary>
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

    /// <summary>What the statement that has just ended did, or null.</summary>
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

    /// <summary>What it has got stays with its session, as in PostgreSQL; but nobody waits for it any more.</summary>
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
