using NodaTime;

namespace Rqlite.Pg.Types.Values;

/// <summary>A zone of the embedded time zone database.</summary>
internal sealed class TzdbTimeZone(string name, DateTimeZone zone) : PgTimeZone(name)
{
    public override int? FixedOffset { get; } = OffsetIfFixed(zone);

    protected override ZoneSpan Find(long seconds)
    {
        var interval = zone.GetZoneInterval(Instant.FromUnixTimeSeconds(seconds));
        return new ZoneSpan(
            interval.HasStart ? interval.Start.ToUnixTimeSeconds() : long.MinValue,
            interval.HasEnd ? interval.End.ToUnixTimeSeconds() : long.MaxValue,
            interval.WallOffset.Seconds, interval.Savings != Offset.Zero, interval.Name);
    }

    private static int? OffsetIfFixed(DateTimeZone zone)
    {
        var interval = zone.GetZoneInterval(Instant.FromUnixTimeSeconds(0));
        return interval.HasStart || interval.HasEnd ? null : interval.WallOffset.Seconds;
    }
}
