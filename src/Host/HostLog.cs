using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Host;

internal static partial class HostLog
{
    [LoggerMessage(9001, LogLevel.Information, "node {NodeId} runs, data in {DataDirectory}")]
    public static partial void Running(ILogger logger, string nodeId, string dataDirectory);

    [LoggerMessage(9002, LogLevel.Information, "{Signal}: stopping")]
    public static partial void Stopping(ILogger logger, string signal);

    [LoggerMessage(9003, LogLevel.Critical, "the node cannot go on: {Message}")]
    public static partial void Failed(ILogger logger, string message, Exception exception);

    [LoggerMessage(9004, LogLevel.Warning, "{Count} more messages of event {Event} were left out")]
    public static partial void LeftOut(ILogger logger, long count, int @event);

    [LoggerMessage(9005, LogLevel.Critical, "the shutdown is not done after {Seconds} s (-shutdown-timeout): the process ends now, and the next start replays what is left")]
    public static partial void ShutdownTooLong(ILogger logger, double seconds);

    [LoggerMessage(9006, LogLevel.Information,
        "open files: limit {Limit}; connections: HTTP {Http}, PostgreSQL {Pg}, other nodes {Nodes}; read connections to SQLite: {Readers}")]
    public static partial void Limits(ILogger logger, long limit, int http, int pg, int nodes, int readers);

    [LoggerMessage(9007, LogLevel.Warning, "the limit of {Limit} open files leaves {Readers} read connections to SQLite, not the {Asked} of -db-max-ro-conns: raise it (ulimit -n)")]
    public static partial void FewReaders(ILogger logger, long limit, int readers, int asked);

    [LoggerMessage(9008, LogLevel.Warning, "an HTTP connection was refused: all {Count} are in a request")]
    public static partial void HttpConnectionRefused(ILogger logger, int count);

    [LoggerMessage(9009, LogLevel.Warning, "{Flag}: other users of this machine can read or write {Path}; chmod 600 keeps it to this one")]
    public static partial void SecretReadable(ILogger logger, string flag, string path);

    [LoggerMessage(9010, LogLevel.Warning,
        "without -auth everybody who reaches {Address} may read and write everything; -auth names the file of the users")]
    public static partial void NoUsers(ILogger logger, string address);

    [LoggerMessage(9011, LogLevel.Warning,
        "-auth without -{Protocol}-cert: passwords and data pass unencrypted through the network to {Address}; -{Protocol}-cert and -{Protocol}-key encrypt them")]
    public static partial void NoEncryption(ILogger logger, string address, string protocol);

    [LoggerMessage(9012, LogLevel.Warning,
        "the port between nodes at {Address} is not encrypted: whoever reaches it or its network {Danger}; -node-cert, -node-key, -node-ca-cert "
        + "and -node-verify-client on all nodes close it to all but them, -node-secret-file at least to callers without the secret")]
    public static partial void OpenNodePort(ILogger logger, string address, string danger);

    [LoggerMessage(9013, LogLevel.Warning,
        "the port between nodes at {Address} takes calls from anybody: -node-verify-client with -node-ca-cert, or -node-secret-file, closes it to all but nodes")]
    public static partial void AnyNode(ILogger logger, string address);
}
