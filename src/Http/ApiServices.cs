using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>The services that the endpoints work with.</summary>
internal sealed record ApiServices(IDatabase Database, IClusterControl Control, HttpOptions Options, WriteQueue Queue, ILogger Logger)
{
    /// <summary>The measurements of all instruments.</summary>
    public required MetricsRegistry Metrics { get; init; }

    /// <summary>The options of every batch that comes over HTTP: SQLite's own dialect, as rqlite runs it.</summary>
    public BatchOptions BatchOptions(QueryParameters parameters) =>
        BatchOptionsOf(Options) | (parameters.Transaction ? Storage.BatchOptions.Atomic : Storage.BatchOptions.None);

    /// <summary>The options of every batch, without those that a request asks for.</summary>
    public static BatchOptions BatchOptionsOf(HttpOptions options) =>
        Storage.BatchOptions.DoubleQuotedText | (options.ForeignKeys ? Storage.BatchOptions.ForeignKeys : Storage.BatchOptions.None);

    /// <summary>Names the node that answered by its HTTP address, so that a client can go there.</summary>
    public void SetServedBy(HttpContext context, NodeDescription? other)
    {
        var node = other ?? Control.Self;
        context.Response.Headers["X-RQLITE-SERVED-BY"] = node.HttpAddress.Length > 0 ? node.HttpAddress : node.RaftAddress;
    }
}
