using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// The savepoints of the session's transaction, and the only caller of the parts of the session that follow it. Statements outside of a block
/// are an implicit transaction, which has no savepoints.
/// </summary>
internal sealed class TransactionScopes(TransactionBlock block, Portals portals, Settings settings, Listening listening, HeldLocks locks)
{
    private readonly List<string> _savepoints = [];

    // The block is the first, so that what the database refuses changes nothing elsewhere. The locks are the last: to give some back lets other
    // transactions write, and a statement on the writer after that would take it again.
    private readonly IScoped[] _parts = [block, portals, settings, listening, locks];

    // At the end of a transaction the portals are closed before the snapshot that they read is given back.
    private readonly IScoped[] _ending = [portals, block, settings, listening, locks];

    public async ValueTask DefineAsync(string name, CancellationToken token)
    {
        foreach (var part in _parts)
        {
            await part.MarkAsync(token).ConfigureAwait(false);
        }

        _savepoints.Add(name);
    }

    /// <exception cref="PgException">3B001: there is no such savepoint.</exception>
    public async ValueTask ReleaseAsync(string name, CancellationToken token)
    {
        var mark = Find(name);
        foreach (var part in _parts)
        {
            await part.ReleaseAsync(mark, token).ConfigureAwait(false);
        }

        _savepoints.RemoveRange(mark, _savepoints.Count - mark);
    }

    /// <exception cref="PgException">3B001: there is no such savepoint; 40001: the database has ended the transaction.</exception>
    public async ValueTask ReturnAsync(string name, CancellationToken token)
    {
        var mark = Find(name);
        foreach (var part in _parts)
        {
            await part.ReturnAsync(mark, token).ConfigureAwait(false);
        }

        _savepoints.RemoveRange(mark + 1, _savepoints.Count - mark - 1);
    }

    /// <summary>A statement has failed: ends an implicit transaction, while a block waits for its client's ROLLBACK.</summary>
    /// <param name="lost">The database's transaction is over.</param>
    public async ValueTask FailAsync(bool lost)
    {
        if (!block.Open)
        {
            await RollbackAsync().ConfigureAwait(false);
            return;
        }

        if (lost)
        {
            await block.LoseAsync().ConfigureAwait(false);
        }

        foreach (var part in _parts)
        {
            await part.FailAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the transaction, which the database has committed, or which has done nothing there.</summary>
    public async ValueTask CommitAsync()
    {
        _savepoints.Clear();
        foreach (var part in _ending)
        {
            await part.CommitAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask RollbackAsync()
    {
        _savepoints.Clear();
        foreach (var part in _ending)
        {
            await part.RollbackAsync().ConfigureAwait(false);
        }
    }

    private int Find(string name)
    {
        var mark = _savepoints.LastIndexOf(name);
        return mark >= 0 ? mark : throw new PgException(SqlState.InvalidSavepointSpecification, $"savepoint \"{name}\" does not exist");
    }
}
