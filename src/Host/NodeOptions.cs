namespace Rqlite.Pg.Host;

/// <summary>All options of a node, one property a flag, under the flag's name.</summary>
internal sealed record NodeOptions
{
    /// <summary>Where flags come from that are not on the command line.</summary>
    public FlagSources Sources { get; set; } = FlagSources.None;

    public string DataDirectory { get; set; } = "";
    public string? NodeId { get; set; }
    public string HttpAddr { get; set; } = "";
    public string HttpAdvAddr { get; set; } = "";
    public string HttpAllowOrigin { get; set; } = "";
    public string HttpCert { get; set; } = "";
    public string HttpKey { get; set; } = "";
    public string HttpCaCert { get; set; } = "";
    public bool HttpVerifyClient { get; set; }
    public string HttpVerifyCommonName { get; set; } = "";
    public string NodeVerifyCommonName { get; set; } = "";
    public string NodeCert { get; set; } = "";
    public string NodeKey { get; set; } = "";
    public string NodeCaCert { get; set; } = "";
    public bool NodeNoVerify { get; set; }
    public bool NodeVerifyClient { get; set; }
    public string NodeVerifyServerName { get; set; } = "";
    public string NodeSecretFile { get; set; } = "";
    public string PgCert { get; set; } = "";
    public string PgKey { get; set; } = "";
    public string PgCaCert { get; set; } = "";
    public bool PgVerifyClient { get; set; }
    public bool PgRequireTls { get; set; }
    public string Auth { get; set; } = "";
    public string RaftAddr { get; set; } = "";
    public string RaftAdvAddr { get; set; } = "";
    public string? PgAddr { get; set; }
    public string PgAdvAddr { get; set; } = "";
    public string PgDialect { get; set; } = "";
    public string? PgAuth { get; set; }
    public string JoinAs { get; set; } = "";
    public string Join { get; set; } = "";
    public int JoinAttempts { get; set; }
    public TimeSpan JoinInterval { get; set; }
    public int BootstrapExpect { get; set; }
    public TimeSpan BootstrapExpectTimeout { get; set; }
    public string DiscoMode { get; set; } = "";
    public string DiscoKey { get; set; } = "";
    public string DiscoConfig { get; set; } = "";
    public TimeSpan RaftReapNodeTimeout { get; set; }
    public TimeSpan RaftReapReadOnlyNodeTimeout { get; set; }
    public bool RaftNonVoter { get; set; }
    public TimeSpan ClusterConnectTimeout { get; set; }
    public string LogLevel { get; set; } = "";
    public string LogFormat { get; set; } = "";
    public string QueryLog { get; set; } = "";
    public string RaftLogLevel { get; set; } = "";
    public TimeSpan RaftHeartbeatTimeout { get; set; }
    public TimeSpan RaftElectionTimeout { get; set; }
    public TimeSpan RaftApplyTimeout { get; set; }

    public TimeSpan WriteTimeout { get; set; }

    public string SkipEntries { get; set; } = "";
    public bool RaftRemoveShutdown { get; set; }
    public bool RaftClusterRemoveShutdown { get; set; }
    public bool RaftShutdownStepdown { get; set; }
    public TimeSpan ShutdownTimeout { get; set; }
    public long RaftSnap { get; set; }
    public long RaftSnapWalSize { get; set; }
    public TimeSpan RaftSnapInt { get; set; }
    public TimeSpan AutoVacuumInt { get; set; }
    public TimeSpan AutoOptimizeInt { get; set; }
    public string ExtensionsPath { get; set; } = "";
    public bool ForeignKeys { get; set; }
    public int WriteQueueCapacity { get; set; }
    public int WriteQueueBatchSize { get; set; }
    public TimeSpan WriteQueueTimeout { get; set; }
    public bool WriteQueueTransaction { get; set; }
    public int DbMaxRoConns { get; set; }
    public TimeSpan ReadTimeout { get; set; }
}
