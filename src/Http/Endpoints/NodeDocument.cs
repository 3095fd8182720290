using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http;

/// <summary>A member as <c>/nodes</c> and <c>/leader</c> show it.</summary>
internal static class NodeDocument
{
    public static void Write(JsonWriter json, NodeReport report, HttpOptions options)
    {
        var node = report.Node;
        json.BeginObject();
        WriteText(json, "id"u8, node.Id);
        WriteText(json, "api_addr"u8, node.HttpAddress.Length > 0 ? $"{options.Scheme}://{node.HttpAddress}" : "");
        WriteText(json, "addr"u8, node.RaftAddress);
        json.Name("version"u8);
        json.String(report.Version);
        json.Name("voter"u8);
        json.Boolean(node.Voter);
        json.Name("reachable"u8);
        json.Boolean(report.Reachable);
        json.Name("leader"u8);
        json.Boolean(report.Leader);
        if (report.Elapsed > TimeSpan.Zero)
        {
            json.Name("time"u8);
            json.Real(report.Elapsed.TotalSeconds);
            WriteText(json, "time_s"u8, GoDuration.Format(report.Elapsed));
        }

        WriteText(json, "error"u8, report.Error ?? "");
        json.EndObject();
    }

    private static void WriteText(JsonWriter json, ReadOnlySpan<byte> name, string value)
    {
        if (value.Length > 0)
        {
            json.Name(name);
            json.String(value);
        }
    }
}
