using System.Text;
using System.Text.Json;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>A node of a <see cref="PeersFile"/>.</summary>
internal sealed record Peer(string Id, string Address);

/// <summary>
/// <c>raft/peers.json</c>, by which an operator names the voters that are left when the majority is lost for good. The form is rqlite's:
/// <c>[{"id": "1", "address": "host:4002", "non_voter": false}]</c>.
/// </summary>
internal sealed record PeersFile(string Path, IReadOnlyList<Peer> Peers)
{
    private const int BytesMax = 1 << 20;
    private const int PeersMax = 1000;

    public static string PathIn(string directory) => System.IO.Path.Combine(directory, "raft", "peers.json");

    /// <summary>The name that the file has once it is done with.</summary>
    public static string InfoPathIn(string directory) => System.IO.Path.Combine(directory, "raft", "peers.info");

    /// <returns>Null if there is no such file.</returns>
    /// <exception cref="InvalidDataException">The file cannot be followed; the message says why.</exception>
    public static PeersFile? Read(string directory)
    {
        var path = PathIn(directory);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            if (new FileInfo(path).Length > BytesMax)
            {
                throw new InvalidDataException($"'{path}' has more than {BytesMax} bytes.");
            }

            using var document = JsonDocument.Parse(File.ReadAllText(path, Encoding.UTF8));
            var peers = document.RootElement.ValueKind == JsonValueKind.Array
                ? document.RootElement.EnumerateArray().Select(element => Parse(path, element)).ToList()
                : throw new InvalidDataException($"'{path}' must be an array: [{{\"id\": \"1\", \"address\": \"host:4002\", \"non_voter\": false}}].");
            Check(path, peers);
            return new PeersFile(path, peers);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not JSON, at line {error.LineNumber + 1}", error);
        }
    }

    /// <summary>The same for files that name the same nodes.</summary>
    public string Canonical() => string.Join('\n', Peers.OrderBy(static p => p.Id, StringComparer.Ordinal).Select(static p => $"{p.Id} {p.Address}"));

    private static Peer Parse(string path, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"'{path}': each node must be an object with id and address.");
        }

        string? id = null, address = null;
        var seen = new HashSet<string>();
        foreach (var property in element.EnumerateObject())
        {
            if (!seen.Add(property.Name))
            {
                throw new InvalidDataException($"'{path}': a node has \"{property.Name}\" twice.");
            }

            switch (property.Name, property.Value.ValueKind)
            {
                case ("id", JsonValueKind.String):
                    id = property.Value.GetString();
                    break;
                case ("address", JsonValueKind.String):
                    address = property.Value.GetString();
                    break;
                case ("non_voter", JsonValueKind.False):
                    break;
                case ("non_voter", JsonValueKind.True):
                    throw new InvalidDataException(
                        $"'{path}' names a read replica ({element.GetRawText()}): leave it out, and start it with an empty folder and -join afterwards.");
                default:
                    throw new InvalidDataException(
                        $"'{path}': \"{PrintableText.Of(property.Name)}\" must not be there, or is of another type; a node has id and address, both texts, and non_voter.");
            }
        }

        return string.IsNullOrEmpty(id) || !NodeAddress.TryParse(address ?? "", out _)
            ? throw new InvalidDataException($"'{path}': a node needs an id and an address of the form host:port, without a scheme: {element.GetRawText()}")
            : new Peer(id, address!);
    }

    private static void Check(string path, List<Peer> peers)
    {
        if (peers.Count is 0 or > PeersMax)
        {
            throw new InvalidDataException($"'{path}' must name at least one voter, and at most {PeersMax}.");
        }

        var twice = peers.GroupBy(static p => p.Id).Concat(peers.GroupBy(static p => p.Address.ToLowerInvariant())).FirstOrDefault(static g => g.Count() > 1);
        if (twice is not null)
        {
            throw new InvalidDataException($"'{path}' has '{PrintableText.Of(twice.Key)}' twice.");
        }
    }
}
