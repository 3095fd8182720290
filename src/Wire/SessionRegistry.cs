using System.Collections.Concurrent;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire;

/// <summary>The sessions of a node, for pg_stat_activity and its kin. From any thread.</summary>
public sealed class SessionRegistry
{
    private readonly ConcurrentDictionary<int, SessionState> _sessions = new();

    /// <summary>The rows of a view of sessions: by the names of its columns, those that are null left out.</summary>
    /// <param name="view">The view's name in pg_catalog.</param>
    /// <param name="caller">The session that asks.</param>
    /// <returns>None for views of what this server does not have.</returns>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Rows(string view, CallerSession? caller) => view switch
    {
        "pg_stat_activity" => [.. Rows(Own(caller))],
        "pg_stat_ssl" => [.. Ordered().Select(static session => session.Activity.EncryptionRow(session))],
        "pg_stat_gssapi" => [.. Ordered().Select(static session => Row(session, "gss_authenticated", "encrypted"))],
        "pg_prepared_statements" => Own(caller) is { } session ? [.. SessionViews.Statements(session)] : [],
        SystemTables.OwnSession => Own(caller) is { } session ? [session.Activity.OwnRow(session)] : [],
        SystemTables.SessionWaits => [.. Ordered().Select(static session => session.Activity.WaitRow(session))],
        "pg_cursors" => Own(caller) is { } session ? [.. SessionViews.Portals(session)] : [],
        _ => [],
    };

    private IEnumerable<IReadOnlyDictionary<string, object?>> Rows(SessionState? asking) => Ordered().Select(
        session => session.Access.IsVisibleTo(asking?.Access) ? session.Activity.Row(session) : SessionActivity.HiddenRow(session));

    /// <summary>The sessions of this node, and how many of them are in a transaction block.</summary>
    public (int Sessions, int Transactions) Counts()
    {
        var (sessions, transactions) = (0, 0);
        foreach (var (_, session) in _sessions)
        {
            sessions++;
            transactions += session.Block.Open ? 1 : 0;
        }

        return (sessions, transactions);
    }

    /// <summary>The session that was given this process id; null if there is none on this node.</summary>
    internal SessionState? Find(int processId) => _sessions.GetValueOrDefault(processId);

    internal void Add(SessionState session) => _sessions[session.ProcessId] = session;

    internal void Remove(SessionState session) => _sessions.TryRemove(new(session.ProcessId, session));

    private IEnumerable<SessionState> Ordered() => _sessions.Values.OrderBy(static session => session.ProcessId);

    // The session waits for the statement that asks, so nothing changes meanwhile.
    private SessionState? Own(CallerSession? caller) =>
        caller is not null && _sessions.GetValueOrDefault(caller.ProcessId) is { } session && session.Number == caller.Session ? session : null;

    private static Dictionary<string, object?> Row(SessionState session, params ReadOnlySpan<string> falseColumns)
    {
        var row = new Dictionary<string, object?> { ["pid"] = (long)session.ProcessId };
        foreach (var column in falseColumns)
        {
            row[column] = 0L;
        }

        return row;
    }
}
