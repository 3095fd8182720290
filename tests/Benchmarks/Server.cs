namespace Rqlite.Pg.Benchmarks;

/// <summary>A server under measurement, started by the benchmark itself.</summary>
internal abstract class Server(string name) : IAsyncDisposable
{
    /// <summary>The name in the tables.</summary>
    public string Name { get; } = name;

    public string Version { get; protected set; } = "";

    /// <summary>Ports of the PostgreSQL protocol; empty if it is not spoken.</summary>
    public abstract IReadOnlyList<int> PgPorts { get; }

    /// <summary>Ports of rqlite's HTTP API, the leader's first; empty if it is not spoken.</summary>
    public abstract IReadOnlyList<int> HttpPorts { get; }

    /// <summary>The processes whose time and memory count.</summary>
    public abstract IReadOnlyList<int> ProcessIds { get; }

    public abstract ValueTask DisposeAsync();
}
