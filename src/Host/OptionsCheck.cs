using System.Globalization;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Host;

/// <summary>Fills in the defaults that follow from other flags, and names the flag at fault where something cannot be.</summary>
internal static class OptionsCheck
{
    /// <returns>A message, or null if the options can be used.</returns>
    public static string? Complete(NodeOptions options)
    {
        options.HttpAdvAddr = Or(options.HttpAdvAddr, options.HttpAddr);
        options.RaftAdvAddr = Or(options.RaftAdvAddr, options.RaftAddr);
        options.NodeId = Or(options.NodeId, options.RaftAdvAddr);
        if (options.PgAddr is null && Addresses.TryParse(options.HttpAddr, out var host, out var port))
        {
            options.PgAddr = string.Create(CultureInfo.InvariantCulture, $"{host}:{port + 1000}");
        }

        options.PgAddr ??= "";
        options.PgAdvAddr = Or(options.PgAdvAddr, options.PgAddr);
        return Check(options);
    }

    private static string? Check(NodeOptions o)
    {
        (string Flag, string Value)[] addresses =
        [
            ("http-addr", o.HttpAddr), ("http-adv-addr", o.HttpAdvAddr), ("raft-addr", o.RaftAddr), ("raft-adv-addr", o.RaftAdvAddr),
        ];
        foreach (var (flag, value) in o.PgAddr == "" ? addresses : [.. addresses, ("pg-addr", o.PgAddr!), ("pg-adv-addr", o.PgAdvAddr)])
        {
            if (!Addresses.TryParse(value, out _, out _))
            {
                return $"-{flag}: \"{value}\" is not of the form host:port";
            }
        }

        return Addresses.Unspecified(o.HttpAdvAddr) ? "-http-adv-addr: others cannot reach an unspecified address; give the one they shall use"
            : Addresses.Unspecified(o.RaftAdvAddr) ? "-raft-adv-addr: others cannot reach an unspecified address; give the one they shall use"
            : o.HttpAddr == o.RaftAddr ? "-http-addr and -raft-addr must differ"
            : o.PgAddr == o.HttpAddr || o.PgAddr == o.RaftAddr ? "-pg-addr must differ from -http-addr and -raft-addr"
            : o.HttpAdvAddr == o.RaftAdvAddr ? "-http-adv-addr and -raft-adv-addr must differ"
            : o.JoinAttempts < 1 ? "-join-attempts must be at least 1"
            : o.BootstrapExpect < 0 ? "-bootstrap-expect must not be negative"
            : o.BootstrapExpect > 0 && o.RaftNonVoter ? "-bootstrap-expect and -raft-non-voter exclude one another: a read replica joins a cluster"
            : o.BootstrapExpect > 1 && o.Join == "" ? "-bootstrap-expect needs -join with the addresses of the nodes that are to form the cluster"
            : o.DbMaxRoConns < 1 ? "-db-max-ro-conns must be at least 1"
            : o.WriteTimeout <= TimeSpan.Zero ? "-write-timeout must be positive"
            : o.SkipEntries.Split(',', StringSplitOptions.RemoveEmptyEntries).Any(static text => !SkippedEntry.TryParse(text.Trim(), out _))
                ? $"-skip-entry: \"{o.SkipEntries}\" is not of the form INDEX:CHECKSUM,…, as the message of the node that stopped has it"
            : o.RaftHeartbeatTimeout <= TimeSpan.Zero ? "-raft-heartbeat-timeout must be positive"
            : o.RaftElectionTimeout <= TimeSpan.Zero ? "-raft-election-timeout must be positive"
            : o.RaftSnapInt <= TimeSpan.Zero ? "-raft-snap-int must be positive"
            : o.RaftLogLevel.ToUpperInvariant() is not ("ERROR" or "WARN" or "INFO" or "DEBUG") ? "-raft-log-level must be ERROR, WARN, INFO or DEBUG"
            : null;
    }

    private static string Or(string value, string fallback) => value.Length > 0 ? value : fallback;
}
