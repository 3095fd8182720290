using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Storage;

/// <summary>Log messages of this project.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message = "Database {Path} is open at index {Index}, term {Term}")]
    public static partial void Opened(ILogger logger, string path, long index, long term);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Database {Path} is closed at index {Index}")]
    public static partial void Closed(ILogger logger, string path, long index);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Warning,
        Message = "The write-ahead log has {Bytes} bytes: one transaction wrote as much, or a reader or a copy keeps it from starting over")]
    public static partial void WalLarge(ILogger logger, long bytes);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning,
        Message = "The oldest reader was ended: the write-ahead log has {Bytes} bytes, its hard limit is {Limit}")]
    public static partial void ReaderEnded(ILogger logger, long bytes, long limit);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Information,
        Message = "A copy at index {Index}, term {Term} was installed in {Milliseconds} ms")]
    public static partial void CopyInstalled(ILogger logger, long index, long term, double milliseconds);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Information,
        Message = "A file of {Bytes} bytes has taken the place of the database at index {Index} in {Milliseconds} ms")]
    public static partial void FileLoaded(ILogger logger, long bytes, long index, double milliseconds);
}
