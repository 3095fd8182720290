using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>Both doors ask clients for certificates where the flags say so.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ClientFact("curl")]
    public async Task A_client_needs_the_common_name_too_where_a_flag_says_so()
    {
        using var authority = new TestAuthority(_folder.Sub("certificates"));
        using var others = new TestAuthority(_folder.Sub("others"), "other authority");
        var (certificate, key) = authority.Make("node");
        var (own, ownKey) = authority.Make("client");
        var (second, secondKey) = authority.Make("client2");
        var (foreign, foreignKey) = others.Make("client");
        string[] extra =
        [
            "-http-cert", certificate, "-http-key", key, "-http-ca-cert", authority.File, "-http-verify-client", "-http-verify-common-name", "client",
        ];
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1"), Extra = extra };
        using var node = NodeProcess.Start(options);
        await node.LineAsync("node n1 runs");
        foreach (var (file, keyFile, served) in new[] { (own, ownKey, true), (second, secondKey, false), (foreign, foreignKey, false), (own, ownKey, true) })
        {
            var curl = await CommandLine.BashAsync(
                $"curl -s --cacert {authority.File} --cert '{file}' --key '{keyFile}' https://localhost:{options.HttpPort}/readyz");
            Assert.Equal(served, curl.Output.Contains("[+]node ok", StringComparison.Ordinal));
        }
    }

    /// <summary>A node with another common name cannot call the others, so it does not join.</summary>
    [Fact]
    public async Task A_node_needs_the_common_name_too_where_a_flag_says_so()
    {
        using var authority = new TestAuthority(_folder.Sub("certificates"));
        using var cluster = await TestCluster.StartAsync(2, Flags("node"));
        (await cluster.Nodes[1].Api.ExecuteAsync("CREATE TABLE t(x)")).Result();
        var stranger = cluster.NewNode("n3") with
        {
            Join = $"localhost:{cluster.Options[0].RaftPort}", Extra = [.. Flags("stranger"), "-join-attempts", "2", "-join-interval", "100ms"],
        };
        Assert.Equal(1, (await NodeProcess.RunAsync([.. stranger.Arguments()])).ExitCode);
        await cluster.MembersAsync(2);

        string[] Flags(string name)
        {
            var (certificate, key) = authority.Make(name);
            return ["-node-cert", certificate, "-node-key", key, "-node-ca-cert", authority.File, "-node-verify-client", "-node-verify-common-name", "node"];
        }
    }

    [ClientFact("curl", "psql")]
    public async Task A_client_needs_a_certificate_of_the_authority()
    {
        using var authority = new TestAuthority(_folder.Sub("certificates"));
        using var others = new TestAuthority(_folder.Sub("others"), "other authority");
        var (certificate, key) = authority.Make("node");
        var (own, ownKey) = authority.Make("client");
        var (foreign, foreignKey) = others.Make("foreign");
        var options = new NodeOptions
        {
            Id = "n1", Data = _folder.Sub("n1"),
            Extra = ["-http-cert", certificate, "-http-key", key, "-http-ca-cert", authority.File, "-http-verify-client", "-pg-verify-client", "-pg-require-tls"],
        };
        using var node = NodeProcess.Start(options);
        await node.LineAsync("node n1 runs");
        foreach (var (file, keyFile, served) in new[] { ("", "", false), (foreign, foreignKey, false), (own, ownKey, true) })
        {
            var curl = await CommandLine.BashAsync(
                $"curl -s --cacert {authority.File} {(file == "" ? "" : $"--cert {file} --key {keyFile}")} https://localhost:{options.HttpPort}/readyz");
            Assert.Equal(served, curl.Output.Contains("[+]node ok", StringComparison.Ordinal));
            var psql = await CommandLine.BashAsync(
                $"{CommandLine.Find("psql")} -XAtqc 'SELECT 1' 'host=localhost port={options.PgPort} user=me dbname=x sslmode=verify-full sslrootcert={authority.File}"
                + $"{(file == "" ? " sslcert=/nowhere" : $" sslcert={file} sslkey={keyFile}")}'");
            Assert.Equal(served, psql.Output == "1\n");
        }
    }
}
