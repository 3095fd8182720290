using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>A session's prepared statements and portals; PREPARE and Parse share their names.</summary>
internal sealed class StatementNames
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

    /// <summary>The unnamed statement is replaced; a named one may not exist yet.</summary>
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

    public void Add(PreparedStatement statement)
    {
        if (statement.Name.Length == 0)
        {
            _unnamed = statement;
        }
        else
        {
            (_statements ??= []).Add(statement.Name, statement);
        }
    }

    public bool RemoveStatement(string name)
    {
        if (name.Length > 0)
        {
            return _statements?.Remove(name) == true;
        }

        _unnamed = null;
        return true;
    }

    public void RemoveStatements() => _statements = null;

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

    /// <summary>Refuses one more portal that holds a reader of the node if there are many.</summary>
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

    /// <summary>Adds a portal; an unnamed one takes the place of the last.</summary>
    public async ValueTask AddAsync(Portal portal)
    {
        if (portal.Name.Length > 0)
        {
            (_portals ??= []).Add(portal.Name, portal);
            return;
        }

        if (_unnamedPortal is { } last)
        {
            _unnamedPortal = null;
            await last.DisposeAsync().ConfigureAwait(false);
        }

        _unnamedPortal = portal;
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

        await portal.DisposeAsync().ConfigureAwait(false);
        return true;
    }

    public async ValueTask ClosePortalsAsync()
    {
        if (_unnamedPortal is { } unnamed)
        {
            _unnamedPortal = null;
            await unnamed.DisposeAsync().ConfigureAwait(false);
        }

        if (_portals is { } portals)
        {
            _portals = null;
            foreach (var portal in portals.Values)
            {
                await portal.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private PreparedStatement? FindStatement(string name) => name.Length == 0 ? _unnamed : _statements?.GetValueOrDefault(name);
}
