using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>A session's prepared statements and portals; PREPARE and Parse share their names.</summary>
internal sealed class StatementNames(SessionMemory memory)
{
    private Dictionary<string, PreparedStatement>? _statements;
    private Dictionary<string, Portal>? _portals;
    private PreparedStatement? _unnamed;
    private Portal? _unnamedPortal;

    public IEnumerable<PreparedStatement> Named => _statements?.Values ?? Enumerable.Empty<PreparedStatement>();

    public PreparedStatement Statement(string name) =>
        FindStatement(name) ?? throw new PgException(
            SqlState.InvalidSqlStatementName,
            name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist");

    public Portal Portal(string name) =>
        FindPortal(name) ?? throw new PgException(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");

    public Portal? FindPortal(string name) => name.Length == 0 ? _unnamedPortal : _portals?.GetValueOrDefault(name);

    /// <summary>Throws if a named statement exists already; the unnamed statement is replaced.</summary>
    public void RequireFree(string name, int max)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (_statements?.ContainsKey(name) == true)
        {
            throw new PgException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
        }

        if (_statements?.Count >= max)
        {
            throw new PgException(SqlState.ConfigurationLimitExceeded, "too many prepared statements", "Close or DEALLOCATE some.");
        }
    }

    /// <exception cref="PgException">53200: the statement takes more memory than there is left.</exception>
    public void Add(PreparedStatement statement)
    {
        if (statement.Name.Length == 0)
        {
            RemoveStatement("");
        }

        memory.Hold(statement);
        if (statement.Name.Length == 0)
        {
            _unnamed = statement;
        }
        else
        {
            (_statements ??= []).Add(statement.Name, statement);
        }
    }

    public void RemoveStatement(string name)
    {
        PreparedStatement? removed = null;
        if (name.Length > 0)
        {
            _statements?.Remove(name, out removed);
        }
        else
        {
            (removed, _unnamed) = (_unnamed, null);
        }

        if (removed is not null)
        {
            memory.Drop(removed);
        }
    }

    public void RemoveStatements()
    {
        foreach (var statement in Named)
        {
            memory.Drop(statement);
        }

        _statements = null;
    }

    public void RequireFreePortal(string name, int max)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (_portals?.ContainsKey(name) == true)
        {
            throw new PgException(SqlState.DuplicateCursor, $"cursor \"{name}\" already exists");
        }

        if (_portals?.Count >= max)
        {
            throw new PgException(SqlState.ConfigurationLimitExceeded, "too many open portals", "Close some.");
        }
    }

    /// <summary>Refuses one more portal that holds a reader of the node if the session has too many.</summary>
    public void RequireFewResults(int max)
    {
        if (_portals?.Count >= max && _portals.Values.Count(static portal => portal.Cursor is { HoldsReader: true }) >= max)
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
            await ClosePortalAsync("").ConfigureAwait(false);
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

        if (portal.Name.Length > 0)
        {
            (_portals ??= []).Add(portal.Name, portal);
        }
        else
        {
            _unnamedPortal = portal;
        }
    }

    /// <summary>Counts rows that a portal keeps.</summary>
    public void Grow(Portal portal, long bytes)
    {
        memory.Reserve(bytes);
        portal.Bytes += bytes;
    }

    public async ValueTask<bool> ClosePortalAsync(string name)
    {
        var portal = FindPortal(name);
        if (portal is null)
        {
            return false;
        }

        if (name.Length == 0)
        {
            _unnamedPortal = null;
        }
        else
        {
            _portals!.Remove(name);
        }

        await DropAsync(portal).ConfigureAwait(false);
        return true;
    }

    /// <summary>Closes the portals that were bound after so many savepoints; all of them by default.</summary>
    public async ValueTask ClosePortalsAsync(int level = 0)
    {
        if (_unnamedPortal is { } unnamed && unnamed.Level >= level)
        {
            _unnamedPortal = null;
            await DropAsync(unnamed).ConfigureAwait(false);
        }

        if (_portals is not { } portals)
        {
            return;
        }

        foreach (var portal in portals.Values.Where(portal => portal.Level >= level).ToArray())
        {
            portals.Remove(portal.Name);
            await DropAsync(portal).ConfigureAwait(false);
        }

        _portals = portals.Count > 0 ? portals : null;
    }

    /// <summary>Lowers the level of portals after savepoints were released: those bound after them belong to the level before.</summary>
    public void LowerPortals(int level)
    {
        foreach (var portal in _portals?.Values ?? Enumerable.Empty<Portal>())
        {
            portal.Level = Math.Min(portal.Level, level);
        }

        _unnamedPortal?.Level = Math.Min(_unnamedPortal.Level, level);
    }

    private ValueTask DropAsync(Portal portal)
    {
        memory.Drop(portal.Prepared);
        memory.Release(portal.Bytes);
        return portal.DisposeAsync();
    }

    private PreparedStatement? FindStatement(string name) => name.Length == 0 ? _unnamed : _statements?.GetValueOrDefault(name);
}
