using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>A session's prepared statements; PREPARE and Parse share their names.</summary>
internal sealed class PreparedStatements(SessionMemory memory)
{
    private Dictionary<string, PreparedStatement>? _named;
    private PreparedStatement? _unnamed;

    /// <exception cref="PgException">26000: there is no such statement.</exception>
    public PreparedStatement this[string name] => Find(name) ?? throw new PgException(
        SqlState.InvalidSqlStatementName,
        name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist");

    /// <summary>All but the unnamed one.</summary>
    public IEnumerable<PreparedStatement> Named => _named?.Values ?? Enumerable.Empty<PreparedStatement>();

    /// <summary>Throws if a named statement exists already; the unnamed statement is replaced.</summary>
    public void RequireFree(string name, int max)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (_named?.ContainsKey(name) == true)
        {
            throw new PgException(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
        }

        if (_named?.Count >= max)
        {
            throw new PgException(SqlState.ConfigurationLimitExceeded, "too many prepared statements", "Close or DEALLOCATE some.");
        }
    }

    /// <exception cref="PgException">53200: the statement takes more memory than there is left.</exception>
    public void Add(PreparedStatement statement)
    {
        if (statement.Name.Length == 0)
        {
            Remove("");
        }

        memory.Hold(statement);
        if (statement.Name.Length == 0)
        {
            _unnamed = statement;
        }
        else
        {
            (_named ??= []).Add(statement.Name, statement);
        }
    }

    public void Remove(string name)
    {
        PreparedStatement? removed = null;
        if (name.Length > 0)
        {
            _named?.Remove(name, out removed);
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

    /// <summary>Removes all that have a name.</summary>
    public void Clear()
    {
        foreach (var statement in _named?.Values ?? Enumerable.Empty<PreparedStatement>())
        {
            memory.Drop(statement);
        }

        _named = null;
    }

    private PreparedStatement? Find(string name) => name.Length == 0 ? _unnamed : _named?.GetValueOrDefault(name);
}
