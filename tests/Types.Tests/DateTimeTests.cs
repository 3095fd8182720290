using System.Text;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Tests;

public sealed class DateTimeTests
{
    // 2024-07-01 22:30 UTC, which is July 2 in Berlin.
    private static readonly long s_now = DateTimes.ParseTimestamp("2024-07-01 22:30:15.5"u8, ValueContext.Default);

    [Theory]
    [InlineData("date", "now", "2024-07-02")]
    [InlineData("date", "today", "2024-07-02")]
    [InlineData("date", "tomorrow", "2024-07-03")]
    [InlineData("date", "yesterday", "2024-07-01")]
    [InlineData("timestamp", "now", "2024-07-02 00:30:15.5")]
    [InlineData("timestamp", "today", "2024-07-02 00:00:00")]
    [InlineData("timestamp", "tomorrow 12:00", "2024-07-03 12:00:00")]
    [InlineData("timestamptz", "now", "2024-07-02 00:30:15.5+02")]
    [InlineData("timestamptz", "today", "2024-07-02 00:00:00+02")]
    [InlineData("timestamptz", "yesterday allballs", "2024-07-01 02:00:00+02")]
    [InlineData("timestamptz", "epoch", "1970-01-01 01:00:00+01")]
    [InlineData("time", "now", "00:30:15.5")]
    [InlineData("timetz", "12:00", "12:00:00+02")]
    [InlineData("timetz", "12:00 MSK", "12:00:00+03")]
    public void Words_are_read_on_the_callers_clock_in_the_sessions_zone(string type, string text, string expected)
    {
        var settings = FormatSettings.Default with { TimeZone = TimeZones.Find("Europe/Berlin")! };
        var context = new ValueContext(settings, s_now);
        var bytes = Encoding.UTF8.GetBytes(text);
        var buffer = new byte[DateTimeText.LengthMax];
        var length = type switch
        {
            "date" => DateTimeText.WriteDate(buffer, DateTimes.ParseDate(bytes, context), settings),
            "timestamp" => DateTimeText.WriteTimestamp(buffer, DateTimes.ParseTimestamp(bytes, context), settings),
            "timestamptz" => DateTimeText.WriteTimestampTz(buffer, DateTimes.ParseTimestampTz(bytes, context), settings),
            "time" => DateTimeText.WriteTime(buffer, DateTimes.ParseTime(bytes, context)),
            _ => DateTimeText.WriteTimeTz(buffer, DateTimes.ParseTimeTz(bytes, context)),
        };
        Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, length));
    }

    [Fact]
    public void Every_style_reads_back_what_it_writes()
    {
        var random = new Random(21);
        var buffer = new byte[DateTimeText.LengthMax];
        string[] zones = ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "FOO+3"];
        for (var i = 0; i < 5000; i++)
        {
            var settings = FormatSettings.Default with
            {
                DateStyle = (DateStyle)random.Next(4),
                DateOrder = (DateOrder)random.Next(3),
                TimeZone = TimeZones.Find(zones[random.Next(zones.Length)])!,
            };
            if (settings.DateStyle == DateStyle.German ? settings.DateOrder != DateOrder.DayMonthYear
                : settings.DateStyle != DateStyle.Iso && settings.DateOrder == DateOrder.YearMonthDay)
            {
                // PostgreSQL itself writes these in an order that it does not read.
                continue;
            }

            var context = new ValueContext(settings);
            var timestamp = random.NextInt64(-60_000_000_000_000_000, 250_000_000_000_000_000);
            var length = DateTimeText.WriteTimestamp(buffer, timestamp, settings);
            Assert.Equal(timestamp, DateTimes.ParseTimestamp(buffer.AsSpan(0, length), context));
            var date = DateTimeArithmetic.ToDate(timestamp);
            length = DateTimeText.WriteDate(buffer, date, settings);
            Assert.Equal(date, DateTimes.ParseDate(buffer.AsSpan(0, length), context));
            if (settings.DateStyle == DateStyle.Iso)
            {
                length = DateTimeText.WriteTimestampTz(buffer, timestamp, settings);
                Assert.Equal(timestamp, DateTimes.ParseTimestampTz(buffer.AsSpan(0, length), context));
            }
        }
    }

    [Fact]
    public void Intervals_read_back_what_every_style_writes()
    {
        var random = new Random(22);
        var buffer = new byte[IntervalText.LengthMax];
        for (var i = 0; i < 5000; i++)
        {
            var interval = new Interval(random.Next(-5000, 5000), random.Next(-5000, 5000), random.NextInt64(-1_000_000_000_000, 1_000_000_000_000));
            foreach (var style in Enum.GetValues<IntervalStyle>())
            {
                var length = IntervalText.Write(buffer, interval, style);
                Assert.Equal(interval, Interval.Parse(buffer.AsSpan(0, length), -1, style));
            }

            Assert.Equal(interval, interval + interval - interval);
            Assert.Equal(0, interval.CompareTo(interval.JustifyInterval()));
        }
    }

    [Fact]
    public void The_calendar_counts_every_day()
    {
        var (year, month, day) = Calendar.FromDays(-2_451_545);
        Assert.Equal((-4713, 11, 24), (year, month, day));
        for (var days = -800_000L; days < 3_000_000; days += 97)
        {
            (year, month, day) = Calendar.FromDays(days);
            Assert.Equal(days, Calendar.ToDays(year, month, day));
            Assert.InRange(day, 1, Calendar.DaysInMonth(year, month));
        }
    }

    [Theory]
    [InlineData("UTC", "UTC")]
    [InlineData("europe/BERLIN", "Europe/Berlin")]
    [InlineData("2", "<+02>-02")]
    [InlineData("-3.5", "<-03:30>+03:30")]
    [InlineData("interval '-08:00'", "<-08>+08")]
    [InlineData("gmt-02:00", "GMT-02:00")]
    [InlineData("est5edt,M3.2.0,M11.1.0", "EST5EDT,M3.2.0,M11.1.0")]
    public void Settings_of_zones_have_PostgreSQLs_names(string text, string name)
    {
        Assert.True(TimeZones.TrySetting(text, out var zone));
        Assert.Equal(name, zone.Name);
    }

    [Theory]
    [InlineData("Foo/Bar")]
    [InlineData("")]
    [InlineData("200")]
    [InlineData("interval '1 month'")]
    [InlineData("../etc/passwd")]
    public void Unknown_zones_are_refused(string text) => Assert.False(TimeZones.TrySetting(text, out _));
}
