using System.Net;
using System.Net.Sockets;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>What a user is told when a node is lost that this one was talking to.</summary>
public sealed class LostConnectionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lost-connection-").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public async Task A_node_that_dies_before_it_has_answered_is_named()
    {
        using var door = Listen();
        var address = $"127.0.0.1:{((IPEndPoint)door.LocalEndpoint).Port}";
        using var client = Client();
        var serving = ServeOneAsync(door, afterHello: true);
        await using var response = await client.SendAsync(address, NodeRequestKind.Batch, new byte[100], CancellationToken.None);
        await serving;
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await response.ReadFrameAsync(CancellationToken.None));
        Assert.Equal(ClusterError.OutcomeUnknown, error.Error);
        Assert.Matches($"^the connection to node other \\({address}\\) was lost before the answer came: the other side ", error.Message);
    }

    [Fact]
    public async Task A_node_that_dies_while_it_is_dialled_has_certainly_done_nothing()
    {
        using var door = Listen();
        var address = $"127.0.0.1:{((IPEndPoint)door.LocalEndpoint).Port}";
        using var client = Client();
        var serving = ServeOneAsync(door, afterHello: false);
        var error = await Assert.ThrowsAsync<ClusterException>(
            async () => await client.SendAsync(address, NodeRequestKind.Batch, new byte[100], CancellationToken.None));
        await serving;
        Assert.Equal((ClusterError.Unreachable, $"{address}: the other side closed the connection"), (error.Error, error.Message));
        door.Stop();
        error = await Assert.ThrowsAsync<ClusterException>(
            async () => await client.SendAsync(address, NodeRequestKind.Batch, new byte[100], CancellationToken.None));
        Assert.Equal((ClusterError.Unreachable, $"{address}: connection refused, nothing listens there"), (error.Error, error.Message));
    }

    private static TcpListener Listen()
    {
        var door = new TcpListener(IPAddress.Loopback, 0);
        door.Start();
        return door;
    }

    private NodeIdentity Identity(string id) => NodeIdentity.Open(Directory.CreateDirectory(Path.Combine(_folder, id)).FullName, id, true);

    private NodeClient Client() =>
        new(new ClusterOptions { NodeId = "this", DataDirectory = _folder, RaftAddress = "127.0.0.1:1" }, new NodeDialer(Identity("this"), null));

    /// <summary>A node that takes one connection, hears the greeting, perhaps answers it and takes a request, and is gone.</summary>
    private async Task ServeOneAsync(TcpListener door, bool afterHello)
    {
        var socket = await door.AcceptSocketAsync();
        using var connection = new NodeConnection(socket, new NetworkStream(socket, ownsSocket: true));
        await NodeHello.ReadAsync(connection, CancellationToken.None);
        if (afterHello)
        {
            NodeHello.WriteAnswer(connection.Output, null, Identity("other"));
            await connection.FlushAsync(CancellationToken.None);
            await connection.EnsureAsync(105, CancellationToken.None);
        }
    }
}
