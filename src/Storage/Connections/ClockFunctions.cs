using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// now() and transaction_timestamp(): what CURRENT_TIMESTAMP answers, to the microsecond and as PostgreSQL leaves out trailing zeros
/// (PostgreSQL 15, 9.9.5 Current Date/Time).
/// </summary>
internal static unsafe class ClockFunctions
{
    private const long MicrosecondsMax = 253402300799999999;

    /// <param name="unixMicroseconds">Must outlive the connection.</param>
    public static void Register(Connection connection, long* unixMicroseconds)
    {
        // Not deterministic in SQLite's sense, so that indexes and generated columns refuse them.
        const int Flags = Native.FunctionUtf8 | Native.FunctionInnocuous;
        fixed (byte* now = "now\0"u8, transaction = "transaction_timestamp\0"u8)
        {
            connection.Check(Native.sqlite3_create_function_v2(connection.Handle, now, 0, Flags, (nint)unixMicroseconds, &Now, 0, 0, 0), "now");
            connection.Check(
                Native.sqlite3_create_function_v2(connection.Handle, transaction, 0, Flags, (nint)unixMicroseconds, &Now, 0, 0, 0),
                "transaction_timestamp");
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Now(nint context, int count, nint* arguments)
    {
        var time = DateTime.UnixEpoch.AddTicks(Math.Clamp(*(long*)Native.sqlite3_user_data(context), 0, MicrosecondsMax) * TimeSpan.TicksPerMicrosecond);
        var text = stackalloc byte[32];
        _ = time.TryFormat(new Span<byte>(text, 32), out var length, "yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture);
        Native.sqlite3_result_text64(context, text, (ulong)length, Native.Transient, Native.EncodingUtf8);
    }
}
