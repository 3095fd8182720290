using System.Net.Sockets;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Connections take no more of the open files than is their share.</summary>
public sealed class OpenFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task Silent_sockets_beyond_the_limit_of_open_files_keep_nobody_out()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), OpenFiles = 1024 };
        using var node = await NodeProcess.Start(options).ReadyAsync();
        await node.LineAsync("open files: limit 1024");
        (await node.Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
        var sockets = new List<Socket>();
        try
        {
            foreach (var port in Enumerable.Range(0, 500).SelectMany(_ => new[] { options.HttpPort, options.PgPort, options.RaftPort }))
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync("localhost", port);
                sockets.Add(socket);
                if (sockets.Count % 300 == 0)
                {
                    await InsertAsync(node);
                    await StillServes.CheckAsync([node]);
                }
            }

            Assert.True(Directory.GetFiles($"/proc/{node.Id}/fd").Length < 800, node.Log);
            Assert.True((await node.Api.QueryAsync("strong", "SELECT count(*) FROM t")).Scalar().GetInt64() >= 5);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }

        Assert.Equal(0, await node.TerminateAsync());
    }

    /// <summary>The client's own idle connection may have made room for another one: then it takes a new one.</summary>
    private static async Task InsertAsync(NodeProcess node)
    {
        var reply = await node.Api.ExecuteAsync("INSERT INTO t VALUES (1)");
        if (reply.Status == 0)
        {
            reply = await node.Api.ExecuteAsync("INSERT INTO t VALUES (1)");
        }

        reply.Result();
    }

    [Fact]
    public async Task A_limit_that_is_too_low_is_refused()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("low"), OpenFiles = 300 };
        using var node = NodeProcess.Start(options);
        Assert.Equal(1, await node.ExitAsync());
        await node.LineAsync("fatal: the limit of open files is 300");
        Assert.False(Directory.Exists(options.Data));
    }

    public void Dispose() => _folder.Dispose();
}
