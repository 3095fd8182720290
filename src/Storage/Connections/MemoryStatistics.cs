namespace Rqlite.Pg.Storage;

/// <summary>Turns off SQLite's count of its memory, for which every allocation of every connection would pass through one mutex.</summary>
internal static class MemoryStatistics
{
    // Refused once the library is in use, which is no reason not to open a database: it is slower then, and right.
    private static readonly int s_result = Native.sqlite3_config(Native.ConfigMemoryStatistics, 0);

    /// <summary>To be called before the first connection is opened.</summary>
    public static bool TurnOff() => s_result == ResultCode.Ok;
}
