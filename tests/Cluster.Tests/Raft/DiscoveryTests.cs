using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsClient;

namespace Rqlite.Pg.Cluster.Tests;

public sealed class DiscoveryTests
{
    [Fact]
    public async Task Nodes_form_a_cluster_by_SRV_records_and_a_read_replica_finds_it()
    {
        using var server = new DnsServer("_rqlite-raft._tcp.cluster.test");
        await using var cluster = new TestCluster();
        var client = new LookupClient(DnsSrvDiscovery.Adjust(new LookupClientOptions(server.EndPoint)));
        var discovery = new DnsSrvDiscovery("cluster.test", "rqlite-raft", client);
        var ports = Enumerable.Range(0, 4).Select(static _ => TestCluster.FreePort()).ToArray();
        await Task.WhenAll(Enumerable.Range(1, 3).Select(async i =>
        {
            await Task.Delay(i * 200);
            server.Add("localhost", ports[i]);
            await cluster.Create($"n{i}", null, o => o with
            {
                RaftAddress = $"localhost:{ports[i]}", Discovery = discovery, BootstrapExpect = 3, BootstrapExpectTimeout = TestCluster.Patience,
            }).StartAsync();
        }));
        await cluster.HasMembersAsync(3);
        await cluster.WriteAsync("found");
        Assert.Single(cluster.Running.Select(static n => n.Replica!.Identity.ClusterId).Distinct());
        await cluster.AddAsync("r1", null, o => o with { RaftAddress = $"localhost:{ports[0]}", Discovery = discovery, NonVoter = true });
        await cluster.HasMembersAsync(4);
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_name_without_records_and_a_server_that_does_not_answer_are_told()
    {
        using var server = new DnsServer("_a._tcp.b");
        var client = new LookupClient(DnsSrvDiscovery.Adjust(new LookupClientOptions(server.EndPoint)));
        Assert.Empty(await new DnsSrvDiscovery("b", "a", client).FindAsync(TestCluster.Limit));
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await new DnsSrvDiscovery("other", "a", client).FindAsync(TestCluster.Limit));
        Assert.Contains("_a._tcp.other", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_addresses_of_a_host_name_become_Raft_addresses()
    {
        var discovery = new DnsDiscovery("cluster.test", 4002)
        {
            Lookup = static (host, _) => Task.FromResult<IPAddress[]>(
                host == "cluster.test" ? [IPAddress.Parse("10.0.0.2"), IPAddress.Parse("10.0.0.1"), IPAddress.IPv6Loopback, IPAddress.Parse("10.0.0.2")] : []),
        };
        Assert.Equal(["10.0.0.1:4002", "10.0.0.2:4002", "[::1]:4002"], await discovery.FindAsync(TestCluster.Limit));
        var system = new DnsDiscovery("localhost", 7);
        Assert.Contains("127.0.0.1:7", await system.FindAsync(TestCluster.Limit));
        var error = await Assert.ThrowsAsync<ClusterException>(async () => await new DnsDiscovery("nosuch.invalid", 7).FindAsync(TestCluster.Limit));
        Assert.Contains("nosuch.invalid", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Answers one name with SRV records, and says of all others that they do not exist.</summary>
    private sealed class DnsServer : IDisposable
    {
        private const int HeadBytes = 12;

        private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        private readonly List<(string Host, int Port)> _records = [];
        private readonly string _name;

        public DnsServer(string name)
        {
            _name = name;
            _ = ServeAsync();
        }

        public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

        public void Add(string host, int port)
        {
            lock (_records)
            {
                _records.Add((host, port));
            }
        }

        public void Dispose() => _socket.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var query = await _socket.ReceiveAsync();
                    await _socket.SendAsync(Answer(query.Buffer), query.RemoteEndPoint);
                }
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }

        private byte[] Answer(byte[] query)
        {
            var labels = new List<string>();
            var at = HeadBytes;
            for (; query[at] != 0; at += query[at] + 1)
            {
                labels.Add(Encoding.ASCII.GetString(query, at + 1, query[at]));
            }

            var question = query.AsSpan(HeadBytes, at + 5 - HeadBytes);
            var known = string.Join('.', labels).Equals(_name, StringComparison.OrdinalIgnoreCase);
            lock (_records)
            {
                var answer = new List<byte>();
                answer.AddRange(query.AsSpan(0, 2));
                answer.AddRange((byte[])[0x81, known ? (byte)0x80 : (byte)0x83]);
                answer.AddRange(Number(1));
                answer.AddRange(Number(known ? _records.Count : 0));
                answer.AddRange((byte[])[0, 0, 0, 0]);
                answer.AddRange(question);
                foreach (var (host, port) in known ? _records : [])
                {
                    var target = host.Split('.').SelectMany(static label => Encoding.ASCII.GetBytes(label).Prepend((byte)label.Length)).Append((byte)0).ToArray();
                    answer.AddRange((byte[])[0xC0, HeadBytes, 0, 33, 0, 1, 0, 0, 0, 0]);
                    answer.AddRange(Number(6 + target.Length));
                    answer.AddRange((byte[])[0, 1, 0, 1]);
                    answer.AddRange(Number(port));
                    answer.AddRange(target);
                }

                return [.. answer];
            }
        }

        private static byte[] Number(int value)
        {
            var bytes = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
            return bytes;
        }
    }
}
