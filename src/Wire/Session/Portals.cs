using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>
/// A session's portals. They end with their transaction, with a return to a savepoint before them, and with an error in the savepoint level that
/// they were bound on. A cursor WITH HOLD stays once its transaction is committed.
/// </summary>
internal sealed class Portals(SessionMemory memory) : IScoped
{
    private Dictionary<string, Portal>? _named;
    private Portal? _unnamed;
    private int _level;

    /// <exception cref="PgException">34000: there is no such portal.</exception>
    public Portal this[string name] => Find(name) ?? throw new PgException(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");

    /// <summary>All but the unnamed one.</summary>
    public IEnumerable<Portal> All => _named?.Values ?? Enumerable.Empty<Portal>();

    public void RequireFree(string name, int max)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (_named?.ContainsKey(name) == true)
        {
            throw new PgException(SqlState.DuplicateCursor, $"cursor \"{name}\" already exists");
        }

        if (_named?.Count >= max)
        {
            throw new PgException(SqlState.ConfigurationLimitExceeded, "too many open portals", "Close some.");
        }
    }

    /// <summary>Refuses one more portal that holds a reader of the node if the session has too many.</summary>
    public void RequireFewResults(int max)
    {
        if (_named?.Count >= max && _named.Values.Count(static portal => portal.Cursor is { HoldsReader: true }) >= max)
        {
            throw new PgException(
                SqlState.ConfigurationLimitExceeded,
                "too many portals with rows left",
                $"A session may have {max} results open; read some to their end, or close them.");
        }
    }

    /// <summary>Adds a portal; an unnamed one replaces the last.</summary>
    /// <exception cref="PgException">53200: the portal takes more memory than there is left.</exception>
    public async ValueTask AddAsync(Portal portal)
    {
        if (portal.Name.Length == 0)
        {
            await CloseAsync("").ConfigureAwait(false);
        }

        memory.Hold(portal.Prepared);
        try
        {
            memory.Reserve(portal.Bytes);
        }
        catch (PgException)
        {
            memory.Drop(portal.Prepared);
            throw;
        }

        portal.Level = _level;
        if (portal.Name.Length > 0)
        {
            (_named ??= []).Add(portal.Name, portal);
        }
        else
        {
            _unnamed = portal;
        }
    }

    /// <summary>Counts rows that a portal keeps.</summary>
    public void Grow(Portal portal, long bytes)
    {
        memory.Reserve(bytes);
        portal.Bytes += bytes;
    }

    public void Shrink(Portal portal, long bytes)
    {
        memory.Release(bytes);
        portal.Bytes -= bytes;
    }

    /// <returns>False if there is no such portal.</returns>
    public async ValueTask<bool> CloseAsync(string name)
    {
        var portal = Find(name);
        if (portal is null)
        {
            return false;
        }

        if (name.Length == 0)
        {
            _unnamed = null;
        }
        else
        {
            _named!.Remove(name);
        }

        await DropAsync(portal).ConfigureAwait(false);
        return true;
    }

    public async ValueTask CloseAllAsync()
    {
        await CloseAsync("").ConfigureAwait(false);
        foreach (var name in _named?.Keys.ToArray() ?? [])
        {
            await CloseAsync(name).ConfigureAwait(false);
        }
    }

    /// <summary>Called ahead of a COMMIT or ROLLBACK: closes all but cursors WITH HOLD.</summary>
    public ValueTask EndTransactionAsync() => CloseAsync(static portal => portal.Declared is not { IsHoldable: true });

    ValueTask IScoped.MarkAsync(CancellationToken token)
    {
        _level++;
        return default;
    }

    ValueTask IScoped.ReleaseAsync(int mark, CancellationToken token)
    {
        _level = mark;
        foreach (var portal in _named?.Values ?? Enumerable.Empty<Portal>())
        {
            portal.Level = Math.Min(portal.Level, mark);
        }

        _unnamed?.Level = Math.Min(_unnamed.Level, mark);
        return default;
    }

    ValueTask IScoped.ReturnAsync(int mark, CancellationToken token)
    {
        _level = mark + 1;
        return CloseFromAsync(_level);
    }

    ValueTask IScoped.FailAsync() => CloseFromAsync(_level);

    ValueTask IScoped.CommitAsync()
    {
        _level = 0;
        foreach (var portal in All)
        {
            portal.Declared?.IsHeld = portal.Declared.IsHoldable;
        }

        return EndTransactionAsync();
    }

    ValueTask IScoped.RollbackAsync()
    {
        _level = 0;
        return CloseFromAsync(0);
    }

    // Closes the portals that were bound after so many savepoints.
    private ValueTask CloseFromAsync(int level) => CloseAsync(portal => portal.Level >= level && portal.Declared is not { IsHeld: true });

    private async ValueTask CloseAsync(Func<Portal, bool> ends)
    {
        if (_unnamed is { } unnamed && ends(unnamed))
        {
            _unnamed = null;
            await DropAsync(unnamed).ConfigureAwait(false);
        }

        if (_named is not { } named)
        {
            return;
        }

        foreach (var portal in named.Values.Where(ends).ToArray())
        {
            named.Remove(portal.Name);
            await DropAsync(portal).ConfigureAwait(false);
        }

        _named = named.Count > 0 ? named : null;
    }

    private ValueTask DropAsync(Portal portal)
    {
        memory.Drop(portal.Prepared);
        memory.Release(portal.Bytes);
        return portal.DisposeAsync();
    }

    /// <summary>A portal; null if there is none.</summary>
    public Portal? Find(string name) => name.Length == 0 ? _unnamed : _named?.GetValueOrDefault(name);
}
