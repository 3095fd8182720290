namespace Rqlite.Pg.Harness;

/// <summary>How one node is started; the same options start it again on the same folder.</summary>
public sealed record NodeOptions
{
    public required string Id { get; init; }

    public required string Data { get; init; }

    public int HttpPort { get; init; } = Ports.Take();

    public int RaftPort { get; init; } = Ports.Take();

    public int PgPort { get; init; } = Ports.Take();

    /// <summary>The port that other nodes are told, if it is not the node's own.</summary>
    public int? AdvertisedRaftPort { get; init; }

    /// <summary>The value of <c>-join</c>, or none.</summary>
    public string? Join { get; init; }

    /// <summary>The limit of open files, or null for this process's.</summary>
    public int? OpenFiles { get; init; }

    public IReadOnlyList<string> Extra { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public IEnumerable<string> Arguments()
    {
        string[] basic =
        [
            "-node-id", Id, "-http-addr", $"localhost:{HttpPort}", "-raft-addr", $"localhost:{RaftPort}", "-pg-addr", $"localhost:{PgPort}",
        ];
        string[] advertised = AdvertisedRaftPort is { } port ? ["-raft-adv-addr", $"localhost:{port}"] : [];
        return [.. basic, .. advertised, .. Join is null ? Array.Empty<string>() : ["-join", Join], .. Extra, Data];
    }
}
