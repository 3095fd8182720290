using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Tests.Session;

/// <summary>The settings as they travel with statements.</summary>
public sealed class SettingSnapshotTests
{
    private readonly TransactionBlock _block = new();
    private readonly Settings _settings;

    public SettingSnapshotTests()
    {
        _settings = new Settings(_block);
        _settings.SetServer("session_authorization", "me");
    }

    [Fact]
    public void A_snapshot_has_every_setting_as_SHOW_prints_it()
    {
        _settings.Set("work_mem", ["8192"], local: false);
        _settings.Set("datestyle", ["german"], local: false);
        _settings.Set("my.own", ["x"], local: false);
        _settings.SetStartup("statement_timeout", "90000");
        var snapshot = _settings.Snapshot;
        Assert.All(_settings.ShowAll(), pair => Assert.Equal(pair.Value, snapshot[pair.Name]));
        Assert.Equal(
            ("8MB", "German, DMY", "x", "90s", "me", "none"),
            (snapshot["work_mem"], snapshot["DateStyle"], snapshot["my.own"], snapshot["statement_timeout"], snapshot["session_authorization"], snapshot["role"]));
        Assert.Equal("8MB", snapshot["WORK_MEM"]);
        Assert.False(snapshot.ContainsKey("nosuch"));
        Assert.Equal(snapshot.Count, snapshot.Select(pair => pair.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void A_snapshot_is_the_same_until_a_setting_changes()
    {
        var first = _settings.Snapshot;
        Assert.Same(first, _settings.Snapshot);
        _settings.Set("application_name", ["a"], local: false);
        var second = _settings.Snapshot;
        Assert.NotSame(first, second);
        Assert.Equal(("", "a"), (first["application_name"], second["application_name"]));
        _settings.SetServer("in_hot_standby", "on");
        Assert.Equal("on", _settings.Snapshot["in_hot_standby"]);
        _block.Begin(new TransactionModes(IsolationLevel.Serializable, true, false));
        Assert.Equal(
            ("serializable", "on"), (_settings.Snapshot["transaction_isolation"], _settings.Snapshot["transaction_read_only"]));
    }

    [Fact]
    public void The_search_path_has_the_session_s_user_in_it()
    {
        Assert.Equal(["me", "public"], _settings.SearchPath);
        _settings.Set("search_path", ["A b", "c"], local: false);
        Assert.Equal(["A b", "c"], _settings.SearchPath);
        _settings.Set("search_path", [""], local: false);
        Assert.Equal([""], _settings.SearchPath);
        Assert.Equal(("me", "me"), (_settings.User, _settings.SessionUser));
    }

    [Fact]
    public void Functions_read_the_styles_from_a_snapshot()
    {
        _settings.Set("datestyle", ["sql, dmy"], local: false);
        _settings.Set("intervalstyle", ["iso_8601"], local: false);
        _settings.Set("timezone", ["Europe/Paris"], local: false);
        var format = FormatSettings.Read(name => _settings.Snapshot[name]);
        Assert.Equal(
            (DateStyle.Sql, DateOrder.DayMonthYear, IntervalStyle.Iso8601, "Europe/Paris"),
            (format.DateStyle, format.DateOrder, format.IntervalStyle, format.TimeZone.Name));
        Assert.Equal(_settings.Format, format);
    }
}
