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

    [LoggerMessage(5004, LogLevel.Warning, "Of the queued write with sequence number {Sequence} {Failed} statements failed, first statement {Statement}: {Error}")]
    public static partial void QueuedStatementFailed(this ILogger logger, long sequence, int statement, int failed, string error);

    [LoggerMessage(5005, LogLevel.Warning, "The queued write with sequence number {Sequence} was undone with the transaction of its batch: {Error}")]
    public static partial void QueuedRequestUndone(this ILogger logger, long sequence, string error);

    [LoggerMessage(5006, LogLevel.Error, "The queued write with sequence number {Sequence} {Fate}: {Error}")]
    public static partial void QueuedRequestFailed(this ILogger logger, long sequence, string fate, string error);

    [LoggerMessage(5007, LogLevel.Information, "The batch of queued writes that begins with sequence number {Sequence} is tried again after try {Tries}: {Error}")]
    public static partial void QueueRetries(this ILogger logger, long sequence, int tries, string error);

    [LoggerMessage(5008, LogLevel.Error, "A batch of queued writes failed unexpectedly")]
    public static partial void QueueBroken(this ILogger logger, Exception exception);
}
