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
}
