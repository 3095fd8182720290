namespace Rqlite.Pg.Types.Values;

/// <summary>Writes timestamps in ISO 8601 with a T, as XML and JSON have them.</summary>
public static class IsoMoment
{
    /// <param name="target">A buffer of <see cref="DateTimeText.LengthMax"/>.</param>
    /// <param name="zone">The zone in whose local time a moment is written, with its offset; null for a timestamp without zone.</param>
    /// <returns>The text, which lies in the buffer.</returns>
    public static ReadOnlySpan<byte> Write(Span<byte> target, long timestamp, PgTimeZone? zone) =>
        Write(target, timestamp, zone is null || Calendar.IsInfinite(timestamp) ? null : zone.SpanAtTimestamp(timestamp).Offset);

    /// <param name="zoneOffset">Seconds east of Greenwich; null for a timestamp without zone.</param>
    public static ReadOnlySpan<byte> Write(Span<byte> target, long timestamp, int? zoneOffset)
    {
        var finite = !Calendar.IsInfinite(timestamp);
        var offset = zoneOffset ?? 0;
        var length = DateTimeText.WriteStoredTimestamp(target, finite ? timestamp + (offset * Calendar.SecondMicroseconds) : timestamp);
        if (!finite)
        {
            return target[..length];
        }

        target[target.IndexOf((byte)' ')] = (byte)'T';
        if (zoneOffset is null)
        {
            return target[..length];
        }

        var beforeChrist = target[..length].EndsWith(" BC"u8);
        length -= beforeChrist ? 3 : 0;
        var writer = new Utf8Writer(target[length..]);
        WriteOffset(ref writer, offset);
        writer.Literal(beforeChrist ? " BC"u8 : default);
        return target[..(length + writer.Length)];
    }

    public static ReadOnlySpan<byte> WriteTime(Span<byte> target, TimeTz value)
    {
        var length = DateTimeText.WriteTime(target, value.Time);
        var writer = new Utf8Writer(target[length..]);
        WriteOffset(ref writer, value.Offset);
        return target[..(length + writer.Length)];
    }

    private static void WriteOffset(ref Utf8Writer writer, int offset)
    {
        var seconds = Math.Abs(offset);
        writer.Byte(offset < 0 ? '-' : '+');
        writer.Padded(seconds / 3600, 2);
        writer.Byte(':');
        writer.Padded(seconds / 60 % 60, 2);
        if (seconds % 60 != 0)
        {
            writer.Byte(':');
            writer.Padded(seconds % 60, 2);
        }
    }
}
