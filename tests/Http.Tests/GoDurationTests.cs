namespace Rqlite.Pg.Http.Tests;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1h2m3.5s", 3_723_500)]
    [InlineData("300ms", 300)]
    [InlineData("-1.5s", -1_500)]
    [InlineData("+2s", 2_000)]
    [InlineData("1500000us", 1_500)]
    [InlineData("1500000µs", 1_500)]
    [InlineData("2000000ns", 2)]
    public void Go_durations_are_read(string text, long milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Fact]
    public void What_is_shorter_than_a_tick_is_not_nothing()
    {
        Assert.True(GoDuration.TryParse("1ns", out var duration));
        Assert.Equal(TimeSpan.FromTicks(1), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("1x")]
    [InlineData("1..5s")]
    [InlineData("-")]
    [InlineData("1s ")]
    [InlineData("9999999999999h")]
    public void Other_texts_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("0s")]
    [InlineData("1.5ms")]
    [InlineData("1m30s")]
    [InlineData("1h0m0s")]
    [InlineData("250ms")]
    [InlineData("10s")]
    public void Durations_are_written_as_Go_writes_them(string text)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(text, GoDuration.Format(duration));
    }
}
