using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>The port between nodes is for nodes: by certificates, by a secret, by a login.</summary>
public sealed class NodePortTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority;

    public NodePortTests() => _authority = new TestAuthority(_folder.Sub("certificates"));

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Three_nodes_speak_tls_and_only_certificates_of_their_authority_are_members()
    {
        string[] extra = ["-node-ca-cert", _authority.File, "-node-verify-client", .. Pair(_authority, "node")];
        using var cluster = await TestCluster.StartAsync(3, extra);
        (await cluster.Nodes[1].Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
        for (var i = 0; i < 3; i++)
        {
            (await cluster.Nodes[i].Api.ExecuteAsync("INSERT INTO t VALUES(?)", i)).Result();
            Assert.Equal(i + 1, (await cluster.Nodes[(i + 1) % 3].Api.QueryAsync("linearizable", "SELECT count(*) FROM t")).Scalar().GetInt32());
        }

        var port = cluster.Options[0].RaftPort;
        await ClosesAsync(port, "\u0020\0\0\0RQPN\u0002\0\0\0"u8.ToArray());
        using var others = new TestAuthority(_folder.Sub("others"), "other authority");
        foreach (var (certificate, key) in new[] { (null, null), others.Make("stranger"), _authority.Make("expired", expired: true) })
        {
            using var client = new TcpClient();
            await client.ConnectAsync("localhost", port);
            await using var tls = new SslStream(client.GetStream());
            try
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost", CertificateChainPolicy = _authority.Policy(),
                    ClientCertificates = certificate is null ? null : [X509Certificate2.CreateFromPemFile(certificate, key)],
                });

                // In TLS 1.3 the client has done its part before the server looks at the certificate.
                Assert.Equal(0, await tls.ReadAsync(new byte[1]));
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                // The server's alert, or a reset.
            }
        }

        // Nodes that do not speak TLS, or have another authority's certificate, do not join.
        await DoesNotJoinAsync($"localhost:{port}", []);
        await DoesNotJoinAsync($"localhost:{port}", ["-node-ca-cert", _authority.File, .. Pair(others, "stranger node")]);
        await cluster.MembersAsync(3);

        // Certificates are replaced while the nodes run; a member that starts again is called with the new ones.
        foreach (var node in cluster.Nodes)
        {
            Assert.DoesNotContain("certificate stays", node.Log, StringComparison.Ordinal);
        }

        var (text, newKey) = _authority.MakeTexts("renewed");
        File.WriteAllText(extra[^1], newKey);
        File.WriteAllText(extra[^3], text);
        await Until.TrueAsync("the renewed certificate", () => Task.FromResult(cluster.Nodes.All(node => node.Log.Contains("CN=renewed", StringComparison.Ordinal))));
        await cluster.Nodes[2].KillAsync();
        await cluster.Restart(2).ReadyAsync();
        Assert.Equal(3, (await cluster.Nodes[2].Api.QueryAsync("linearizable", "SELECT count(*) FROM t")).Scalar().GetInt32());
    }

    [Fact]
    public async Task Without_tls_a_secret_keeps_strangers_out_both_ways()
    {
        var secret = Path.Combine(_folder.Sub("certificates"), "secret");
        var other = Path.Combine(_folder.Sub("certificates"), "other");
        File.WriteAllText(secret, "0123456789abcdef0123456789abcdef\n");
        File.WriteAllText(other, "fedcba9876543210fedcba9876543210\n");
        using var cluster = await TestCluster.StartAsync(2, ["-node-secret-file", secret]);
        (await cluster.Nodes[1].Api.ExecuteAsync("CREATE TABLE t (a INTEGER)")).Result();
        var port = cluster.Options[0].RaftPort;
        await ClosesAsync(port, "\u0020\0\0\0RQPN\u0002\0\0\0"u8.ToArray());
        await ClosesAsync(port, [.. "RQNS\u0001"u8, .. new byte[32 + 32]]);
        await cluster.Nodes[0].LineAsync("the caller does not speak of a secret");
        await cluster.Nodes[0].LineAsync("the caller has another secret");
        Assert.Contains("perhaps it was started without -node-secret-file", await CallsInVainAsync(), StringComparison.Ordinal);
        Assert.Contains("the node there has another secret", await DoesNotJoinAsync($"localhost:{port}", ["-node-secret-file", other]), StringComparison.Ordinal);
        await DoesNotJoinAsync($"localhost:{port}", []);
        await cluster.MembersAsync(2);

        async Task<string> CallsInVainAsync()
        {
            var open = new NodeOptions { Id = "open", Data = _folder.Sub("open") };
            using var node = await NodeProcess.Start(open).ReadyAsync();
            var log = await DoesNotJoinAsync($"localhost:{open.RaftPort}", ["-node-secret-file", secret]);
            await node.LineAsync("was started with -node-secret-file and this one was not");
            return log;
        }
    }

    [Fact]
    public async Task A_node_joins_as_a_user_with_the_permission_to()
    {
        var users = Path.Combine(_folder.Sub("certificates"), "users.json");
        File.WriteAllText(users, """
            [{"username":"voter","password":"v","perms":["join","status"]},{"username":"replica","password":"r","perms":["join-read-only"]},
             {"username":"nobody","password":"n","perms":["query"]},{"username":"*","perms":["ready"]}]
            """);
        var first = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = ["-auth", users] };
        using var node = await NodeProcess.Start(first).ReadyAsync();
        var address = $"localhost:{first.RaftPort}";
        foreach (string[] flags in new string[][]
        {
            [], ["-auth", users], ["-auth", users, "-join-as", "nobody"], ["-auth", users, "-join-as", "replica"],
        })
        {
            Assert.Contains("unauthorized", await DoesNotJoinAsync(address, flags), StringComparison.Ordinal);
        }

        using var voter = NodeProcess.Start(Joining("voter", $"http://localhost:{first.HttpPort}", ["-auth", users, "-join-as", "voter"]));
        await voter.ReadyAsync();
        using var replica = NodeProcess.Start(Joining("replica", address, ["-auth", users, "-join-as", "replica", "-raft-non-voter"]));
        await replica.ReadyAsync();
    }

    private static string[] Pair(TestAuthority authority, string name)
    {
        var (certificate, key) = authority.Make(name);
        return ["-node-cert", certificate, "-node-key", key];
    }

    private static async Task ClosesAsync(int port, byte[] bytes)
    {
        using var raw = await RawPg.ConnectAsync(port, startup: false);
        await raw.SendAsFarAsPossibleAsync(bytes);
        raw.EndSending();
        await raw.EndAsync("a stranger on the port between nodes");
    }

    private NodeOptions Joining(string id, string address, IReadOnlyList<string> flags) => new()
    {
        Id = id, Data = _folder.Sub($"{id}-{Guid.NewGuid():n}"), Join = address, Extra = [.. flags, "-join-attempts", "1"],
    };

    /// <returns>What the node has said.</returns>
    private async Task<string> DoesNotJoinAsync(string address, IReadOnlyList<string> flags)
    {
        using var node = NodeProcess.Start(Joining("stranger", address, flags));
        Assert.Equal(1, await node.ExitAsync());
        return node.Log;
    }
}
