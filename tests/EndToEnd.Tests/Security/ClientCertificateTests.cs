using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Security;

/// <summary>Both doors ask clients for certificates where the flags say so.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
