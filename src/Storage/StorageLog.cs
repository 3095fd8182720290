using Microsoft.Extensions.Logging;

namespace Rqlite.Pg.Storage;

/// <summary>Log messages of this project.</summary>
internal static partial class StorageLog
{
    [LoggerMessage(EventId = 1000, Level = LogLevel.Information, Message = "Database {Path} is open at index {Index}, term {Term}")]
    public static partial void Opened(ILogger logger, string path, long index, long term);

    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Database {Path} is closed at index {Index}")]
    public static partial void Closed(ILogger logger, string path, long index);
}
