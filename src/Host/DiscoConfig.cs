using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Host;

/// <summary><c>-disco-mode</c> and <c>-disco-config</c>, whose form is rqlite's: a JSON text or the path of a file with one.</summary>
internal static partial class DiscoConfig
{
    private const int BytesMax = 64 << 10;
    private const string DefaultName = "rqlite";

    /// <returns>Null without <c>-disco-mode</c>.</returns>
    /// <exception cref="FormatException">The configuration cannot be used.</exception>
    public static INodeDiscovery? Open(NodeOptions options)
    {
        if (options.DiscoMode.Length == 0)
        {
            return null;
        }

        var srv = options.DiscoMode == "dns-srv";
        var (name, service, port) = Parse(options.DiscoConfig, srv);
        if (srv)
        {
            return new DnsSrvDiscovery(name, service);
        }

        _ = Addresses.TryParse(options.RaftAddr, out _, out var own);
        return new DnsDiscovery(name, port ?? own);
    }

    private static (string Name, string Service, int? Port) Parse(string config, bool srv)
    {
        var (name, service, port) = (DefaultName, DefaultName, (int?)null);
        if (config.Length == 0)
        {
            return (name, service, port);
        }

        try
        {
            using var document = JsonDocument.Parse(config.TrimStart().StartsWith('{') ? config : Expand(ReadFile(config)));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("-disco-config must be a JSON object, or the path of a file with one");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "name" when property.Value.ValueKind == JsonValueKind.String && IsName(property.Value.GetString()!):
                        name = property.Value.GetString()!;
                        break;
                    case "service" when srv && property.Value.ValueKind == JsonValueKind.String && IsName(property.Value.GetString()!):
                        service = property.Value.GetString()!;
                        break;
                    case "port" when !srv && property.Value.ValueKind == JsonValueKind.Number && property.Value.TryGetInt32(out var value) && value is > 0 and <= 65535:
                        port = value;
                        break;
                    default:
                        throw new FormatException(string.Create(
                            CultureInfo.InvariantCulture,
                            $"-disco-config: {property.Name}: {property.Value.GetRawText()} cannot be; {(srv ? "dns-srv has name and service" : "dns has name and port (1 to 65535)")}"));
                }
            }
        }
        catch (JsonException e)
        {
            throw new FormatException($"-disco-config is not JSON, at line {e.LineNumber + 1}", e);
        }

        return (name, service, port);
    }

    private static bool IsName(string text) => text.Length is > 0 and <= 253 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private static string ReadFile(string path)
    {
        SecretFiles.Require("-disco-config", path);
        return new FileInfo(path).Length <= BytesMax ? File.ReadAllText(path) : throw new FormatException($"-disco-config: {path} has more than {BytesMax} bytes");
    }

    /// <summary>As in rqlite, <c>$NAME</c> and <c>${NAME}</c> in the file stand for variables of the environment.</summary>
    private static string Expand(string text) => Variable().Replace(
        text, static match => Environment.GetEnvironmentVariable(match.Groups[1].Value is { Length: > 0 } name ? name : match.Groups[2].Value) ?? "");

    [GeneratedRegex(@"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")]
    private static partial Regex Variable();
}
