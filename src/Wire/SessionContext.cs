using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire;

/// <summary>What all sessions of a listener share.</summary>
internal sealed class SessionContext(IDatabase database, ILeadership leadership, WireOptions options, ILogger logger)
{
    public IDatabase Database { get; } = database;

    public ILeadership Leadership { get; } = leadership;

    public WireOptions Options { get; } = options;

    public ILogger Logger { get; } = logger;

    public CancelKeys CancelKeys { get; } = new();
}
