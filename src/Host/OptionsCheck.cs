using System.Globalization;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Host;

/// <summary>Fills in the defaults that follow from other flags, and names the flag at fault where something cannot be.</summary>
internal static class OptionsCheck
{
    private const int NodeIdLengthMax = 256;

    /// <returns>A message, or null if the options can be used.</returns>
    public static string? Complete(NodeOptions options)
    {
        if (CheckGiven(options) is { } fault)
        {
            return fault;
        }

        options.HttpAdvAddr = Or(options.HttpAdvAddr, options.HttpAddr);
        options.RaftAdvAddr = Or(options.RaftAdvAddr, options.RaftAddr);
        options.NodeId ??= options.RaftAdvAddr;
        if (options.PgAddr is null && Addresses.TryParse(options.HttpAddr, out var host, out var port))
        {
            if (port + 1000 > 65535)
            {
                return $"-pg-addr: give it, since the port of -http-addr + 1000 is beyond 65535 (\"\" turns PostgreSQL off)";
            }

            host = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
            options.PgAddr = string.Create(CultureInfo.InvariantCulture, $"{host}:{port + 1000}");
        }

        options.PgAddr ??= "";
        options.PgAdvAddr = Or(options.PgAdvAddr, options.PgAddr);
        return CheckTogether(options);
    }

    private static string? CheckGiven(NodeOptions o)
    {
        (string Flag, string? Value)[] addresses =
        [
            ("http-addr", o.HttpAddr), ("http-adv-addr", OrNull(o.HttpAdvAddr)), ("raft-addr", o.RaftAddr), ("raft-adv-addr", OrNull(o.RaftAdvAddr)),
            ("pg-addr", OrNull(o.PgAddr ?? "")), ("pg-adv-addr", OrNull(o.PgAdvAddr)),
        ];
        foreach (var (flag, value) in addresses)
        {
            if (value is not null && !Addresses.TryParse(value, out _, out _))
            {
                return $"-{flag}: \"{value}\" is not of the form host:port, such as localhost:4001, 0.0.0.0:4001 or [::1]:4001, without a scheme, port 1 to 65535";
            }
        }

        if (o.Join.Length > 0 && Joined(o).Length == 0)
        {
            return $"-join: \"{o.Join}\" names no node";
        }

        var wrong = Array.Find(Joined(o), address => !Addresses.TryParse(address, out _, out _) && !IsHttp(address));
        return wrong is not null ? $"-join: \"{wrong}\" is neither host:port nor http://host:port (several have commas between them)"
            : o.NodeId is { Length: 0 or > NodeIdLengthMax } || o.NodeId?.Any(char.IsControl) == true
                ? $"-node-id must have 1 to {NodeIdLengthMax} characters, none of them a control character"
            : o.RaftLogLevel.ToUpperInvariant() is not ("ERROR" or "WARN" or "INFO" or "DEBUG")
                ? $"-raft-log-level must be ERROR, WARN, INFO or DEBUG, not \"{o.RaftLogLevel}\""
            : o.DiscoMode is "consul-kv" or "etcd-kv" ? $"-disco-mode {o.DiscoMode} of rqlite is not supported by this version; it can be dns or dns-srv"
            : o.DiscoMode is not ("" or "dns" or "dns-srv") ? $"-disco-mode must be dns or dns-srv, not \"{o.DiscoMode}\""
            : o.DiscoMode == "" && o.DiscoConfig != "" ? "-disco-config needs -disco-mode"
            : o.DiscoMode != "" && o.Join != "" ? "-disco-mode and -join exclude one another"
            : o.DiscoMode != "" && o.BootstrapExpect == 0 && !o.RaftNonVoter ? $"-disco-mode {o.DiscoMode} needs -bootstrap-expect, unless with -raft-non-voter"
            : o.AutoVacuumInt > TimeSpan.Zero
                ? "-auto-vacuum-int must be 0: a VACUUM cannot be an entry of the log; GET /db/backup?vacuum and POST /db/load of the result rebuild the file"
            : o.LogLevel.ToUpperInvariant() is not ("ERROR" or "WARN" or "INFO" or "DEBUG")
                ? $"-log-level must be ERROR, WARN, INFO or DEBUG, not \"{o.LogLevel}\""
            : o.LogFormat is not ("text" or "json") ? $"-log-format must be text or json, not \"{o.LogFormat}\""
            : o.PgDialect is not ("postgresql" or "sqlite") ? $"-pg-dialect must be postgresql or sqlite, not \"{o.PgDialect}\""
            : (o.HttpCert == "") != (o.HttpKey == "") ? "-http-cert and -http-key go together"
            : (o.PgCert == "") != (o.PgKey == "") ? "-pg-cert and -pg-key go together"
            : o.HttpVerifyClient && o.HttpCert == "" ? "-http-verify-client needs -http-cert: without TLS there are no certificates"
            : o.HttpVerifyCommonName != "" && !o.HttpVerifyClient ? "-http-verify-common-name needs -http-verify-client"
            : o.NodeVerifyCommonName != "" && !o.NodeVerifyClient ? "-node-verify-common-name needs -node-verify-client"
            : (o.NodeCert == "") != (o.NodeKey == "") ? "-node-cert and -node-key go together"
            : o.NodeCert == "" && (o.NodeCaCert != "" || o.NodeNoVerify || o.NodeVerifyClient || o.NodeVerifyServerName != "")
                ? "-node-ca-cert, -node-no-verify, -node-verify-client and -node-verify-server-name need -node-cert"
            : o.NodeVerifyClient && o.NodeCaCert == "" ? "-node-verify-client needs -node-ca-cert: the system's authorities vouch for strangers"
            : o.JoinAs != "" && o.Auth == "" ? "-join-as needs -auth with the file of its user"
            : (o.PgVerifyClient || o.PgRequireTls) && o.PgCert == "" && o.HttpCert == ""
                ? $"{(o.PgVerifyClient ? "-pg-verify-client" : "-pg-require-tls")} needs -pg-cert or -http-cert"
            : o.PgAuth is not (null or "scram" or "trust") ? $"-pg-auth must be scram or trust, not \"{o.PgAuth}\""
            : o.PgAuth == "scram" && o.Auth == "" ? "-pg-auth scram needs -auth with the file of the users"
            : o.SkipEntries.Split(',', StringSplitOptions.RemoveEmptyEntries).Any(static text => !SkippedEntry.TryParse(text.Trim(), out _))
                ? $"-skip-entry: \"{o.SkipEntries}\" is not of the form INDEX:CHECKSUM,…, as the message of the node that stopped has it"
            : null;
    }

    private static string? CheckTogether(NodeOptions o) =>
        Addresses.Unspecified(o.HttpAdvAddr) ? "-http-adv-addr: others cannot reach an unspecified address; give the one they shall use"
        : Addresses.Unspecified(o.RaftAdvAddr) ? "-raft-adv-addr: others cannot reach an unspecified address; give the one they shall use"
        : o.HttpAddr == o.RaftAddr ? "-http-addr and -raft-addr must differ"
        : o.PgAddr == o.HttpAddr || o.PgAddr == o.RaftAddr ? "-pg-addr must differ from -http-addr and -raft-addr"
        : o.HttpAdvAddr == o.RaftAdvAddr ? "-http-adv-addr and -raft-adv-addr must differ"
        : o.BootstrapExpect > 0 && o.RaftNonVoter ? "-bootstrap-expect and -raft-non-voter exclude one another: a read replica joins a cluster"
        : o.BootstrapExpect > 1 && o.Join == "" && o.DiscoMode == "" ? "-bootstrap-expect needs -disco-mode, or -join with the addresses of the nodes that are to form the cluster"
        : o.BootstrapExpect == 0 && Array.Find(Joined(o), address => IsSelf(o, address)) is { } self
            ? $"-join: {self} is this node itself; name the others (with -bootstrap-expect all may be named)"
        : null;

    private static string[] Joined(NodeOptions o) => o.Join.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.Host.Length > 0;

    private static bool IsSelf(NodeOptions o, string address)
    {
        var plain = IsHttp(address) ? new Uri(address).Authority : address;
        return new[] { o.RaftAdvAddr, o.RaftAddr, o.HttpAdvAddr, o.HttpAddr }.Contains(plain, StringComparer.OrdinalIgnoreCase);
    }

    private static string Or(string value, string fallback) => value.Length > 0 ? value : fallback;

    private static string? OrNull(string value) => value.Length > 0 ? value : null;
}
