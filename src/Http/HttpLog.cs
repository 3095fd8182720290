using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Http;

internal static partial class HttpLog
{
    [LoggerMessage(5000, LogLevel.Error, "{Method} {Path} failed unexpectedly")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(5001, LogLevel.Debug, "{Method} {Path} was refused: {Reason}")]
    public static partial void RequestRefused(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(5002, LogLevel.Information, "{Method} {Path} broke off after its answer had begun: {Reason}")]
    public static partial void ResponseBroken(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(5003, LogLevel.Warning, "{Method} {Path} of a browser was refused: {Reason}")]
    public static partial void OriginRefused(this ILogger logger, string method, string path, string reason);
}
