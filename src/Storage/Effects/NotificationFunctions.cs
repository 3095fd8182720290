using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary><c>pg_notify(channel, payload)</c>.</summary>
internal static class NotificationFunctions
{
    // PostgreSQL's limits, in bytes.
    private const int ChannelBytesMax = 63;
    private const int PayloadBytesMax = 7999;

    public static EffectFunction[] All { get; } =
    [
        new("pg_notify", 2, StatementEffects.Notifications, InSchema: true, Notify),
    ];

    private static void Notify(EffectRun run, FunctionCall call)
    {
        var channel = call.IsNull(0) ? "" : call.Text(0);
        var payload = call.IsNull(1) ? "" : call.Text(1);
        if (channel.Length == 0)
        {
            throw new SqlFunctionException("22023", "channel name cannot be empty");
        }

        if (channel.Contains('\0', StringComparison.Ordinal) || payload.Contains('\0', StringComparison.Ordinal))
        {
            // A message to a client ends there.
            throw new SqlFunctionException("22021", "invalid byte sequence for encoding \"UTF8\": 0x00");
        }

        if (Encoding.UTF8.GetByteCount(channel) > ChannelBytesMax)
        {
            throw new SqlFunctionException("22023", "channel name too long");
        }

        if (Encoding.UTF8.GetByteCount(payload) > PayloadBytesMax)
        {
            throw new SqlFunctionException("22023", "payload string too long");
        }

        run.Current.Notify(channel, payload);
        run.AddToDigest(channel);
        run.AddToDigest(payload);
        call.ReturnNothing();
    }
}
