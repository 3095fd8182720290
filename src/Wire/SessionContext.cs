using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Planning.PassThrough;
using Rqlite.Pg.Wire.Planning.Translated;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire;

/// <summary>The objects that all sessions of a listener share.</summary>
internal sealed class SessionContext(IDatabase database, ILeadership leadership, WireOptions options, ILogger logger)
{
    public IDatabase Database { get; } = database;

    public ILeadership Leadership { get; } = leadership;

    public WireOptions Options { get; } = options;

    public IStatementPlanner Planner { get; } = new TranslatingPlanner(new PassThroughPlanner(), logger);

    public ILogger Logger { get; } = logger;

    /// <summary>The budget for the memory of the node's requests, shared with its other front doors if the options say so.</summary>
    public MemoryBudget Memory { get; } = options.Memory ?? new(MemoryBudget.BytesMaxDefault);

    public BadConnections BadConnections { get; } = new(logger, TimeProvider.System);

    public CancelKeys CancelKeys { get; } = new();

    // The upper bits are the start time, so that numbers are not used again after a restart.
    private long _lastSession = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() << 20;

    /// <summary>A number for a session that no other session of this node gets, also after restarts.</summary>
    public long NextSession() => Interlocked.Increment(ref _lastSession);
}
