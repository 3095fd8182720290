namespace Rqlite.Pg.Storage;

/// <summary>Makes the C library's time zone UTC, so that SQLite's 'localtime' and 'utc' answer the same on every node.</summary>
internal static unsafe class TimeZone
{
    private static readonly Lock s_lock = new();

    /// <summary>Sets TZ through the C library: Environment.SetEnvironmentVariable does not reach it.</summary>
    public static void UseUtc()
    {
        lock (s_lock)
        {
            fixed (byte* name = "TZ\0"u8, value = "UTC0\0"u8)
            {
                if (Native.Text(Native.GetEnvironment(name)) != "UTC0" && Native.SetEnvironment(name, value, 1) != 0)
                {
                    throw new StorageException(ResultCode.Error, "The time zone could not be set to UTC.");
                }
            }

            Native.ReadTimeZone();
        }
    }
}
