using System.Buffers.Binary;
using System.Net;
using System.Text;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>One session of a script: at most one step is under way, and further ones wait behind it.</summary>
internal sealed class IsolationSession : IAsyncDisposable
{
    private readonly WireClient _client;
    private readonly IPEndPoint _endPoint;
    private readonly byte[] _key;

    private IsolationSession(string name, WireClient client, IPEndPoint endPoint, byte[] key)
    {
        Name = name;
        _client = client;
        _endPoint = endPoint;
        _key = key;
    }

    public string Name { get; }

    public int ProcessId => BinaryPrimitives.ReadInt32BigEndian(_key);

    /// <summary>The answer to the step under way, if there is one.</summary>
    public Task<List<ServerFrame>>? Pending { get; set; }

    /// <summary>The name of the step under way.</summary>
    public string Step { get; set; } = "";

    /// <summary>It has been told that the step waits.</summary>
    public bool SeenWaiting { get; set; }

    public Queue<string> Behind { get; } = new();

    public static async Task<IsolationSession> ConnectAsync(string name, IPEndPoint endPoint, string user, string database)
    {
        var client = await WireClient.ConnectAsync(endPoint);
        await client.SendAsync(new ClientMessages().Startup(196608, ("user", user), ("database", database), ("application_name", name)).Bytes);
        var key = (await client.ReadUntilReadyAsync(1)).Single(f => f.Code == 'K').Body;
        return new(name, client, endPoint, key);
    }

    public async Task<List<ServerFrame>> QueryAsync(string sql)
    {
        await _client.SendAsync(new ClientMessages().Query(sql).Bytes);
        return await _client.ReadUntilReadyAsync(1);
    }

    /// <summary>Reads until the server ends the session.</summary>
    public Task<List<ServerFrame>> EndAsync() => _client.ReadUntilClosedAsync();

    /// <summary>Sends a cancel request for this session.</summary>
    public async Task CancelAsync()
    {
        await using var canceller = await WireClient.ConnectAsync(_endPoint);
        var body = new byte[4 + _key.Length];
        BinaryPrimitives.WriteInt32BigEndian(body, 80877102);
        _key.CopyTo(body, 4);
        await canceller.SendAsync(new ClientMessages().Packet(body).Bytes);
        await canceller.ReadUntilClosedAsync();
    }

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    /// <summary>What two servers must agree on: rows, command tags, SQLSTATEs.</summary>
    public static string Describe(IEnumerable<ServerFrame> frames)
    {
        var results = new List<string>();
        var rows = new List<string>();
        foreach (var frame in frames)
        {
            switch (frame.Code)
            {
                case 'D':
                    rows.Add(string.Join('|', frame.RawValues().Select(v => v is null ? "NULL" : Encoding.UTF8.GetString(v))));
                    break;
                case 'C':
                    var tag = Encoding.UTF8.GetString(frame.Body.AsSpan(0, frame.Body.Length - 1));
                    results.Add(rows.Count == 0 ? tag : $"{tag} ({string.Join(") (", rows)})");
                    rows.Clear();
                    break;
                case 'E':
                    results.Add($"{frame.Field('S')} {frame.Field('C')}");
                    rows.Clear();
                    break;
                case 'N':
                    results.Add($"{frame.Field('S')} {frame.Field('C')}");
                    break;
            }
        }

        return string.Join("; ", results);
    }
}
