using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Tests.Values;

public class ValuesSettingsTests
{
    [Theory]
    [InlineData("statement_timeout", "5s", "5s")]
    [InlineData("statement_timeout", "90000", "90s")]
    [InlineData("statement_timeout", "1500", "1500ms")]
    [InlineData("work_mem", "8192", "8MB")]
    [InlineData("work_mem", "1.5MB", "1536kB")]
    [InlineData("client_encoding", "utf-8", "UTF8")]
    [InlineData("DATESTYLE", "iso", "ISO, MDY")]
    [InlineData("timezone", "europe/paris", "Europe/Paris")]
    [InlineData("timezone", "3", "<+03>-03")]
    [InlineData("timezone", "GMT-02:00", "GMT-02:00")]
    [InlineData("jit", "TRUE", "on")]
    [InlineData("default_transaction_isolation", "SERIALIZABLE", "serializable")]
    [InlineData("my.own", "x", "x")]
    public void A_value_is_checked_and_shown_as_PostgreSQL_does(string name, string value, string shown)
    {
        var settings = new Settings();
        settings.Set(name, [value], local: false);
        Assert.Equal(shown, settings.Show(name));
        settings.Reset(null);
        Assert.NotEqual(shown, settings.TryShow(name, out var after) && name != "client_encoding" && name != "DATESTYLE" && name != "jit" ? after : "");
    }

    [Theory]
    [InlineData("nope", "1", "42704", "unrecognized configuration parameter \"nope\"")]
    [InlineData("rqlite.consistancy", "none", "42602", "invalid configuration parameter name \"rqlite.consistancy\"")]
    [InlineData("statement_timeout", "abc", "22023", "invalid value for parameter \"statement_timeout\": \"abc\"")]
    [InlineData("statement_timeout", "-1", "22023", "-1 ms is outside the valid range for parameter \"statement_timeout\" (0 .. 2147483647)")]
    [InlineData("jit", "maybe", "22023", "parameter \"jit\" requires a Boolean value")]
    [InlineData("bytea_output", "x", "22023", "invalid value for parameter \"bytea_output\": \"x\"")]
    [InlineData("client_encoding", "klingon", "22023", "invalid value for parameter \"client_encoding\": \"klingon\"")]
    [InlineData("timezone", "Mars/Olympus", "22023", "invalid value for parameter \"TimeZone\": \"Mars/Olympus\"")]
    [InlineData("server_version", "16", "55P02", "parameter \"server_version\" cannot be changed")]
    [InlineData("port", "1", "55P02", "parameter \"port\" cannot be changed without restarting the server")]
    [InlineData("fsync", "off", "55P02", "parameter \"fsync\" cannot be changed now")]
    public void A_wrong_setting_is_refused_in_PostgreSQLs_words(string name, string value, string sqlState, string message)
    {
        var error = Assert.Throws<DialectException>(() => new Settings().Set(name, [value], local: false));
        Assert.Equal((sqlState, message), (error.SqlState, error.Message));
    }

    [Fact]
    public async Task A_rolled_back_set_is_undone_and_reported_again()
    {
        var settings = new Settings();
        Assert.Equal(13, settings.TakeChanges().Count);
        settings.BeginTransaction();
        settings.Set("application_name", ["a"], local: false);
        Assert.Equal([("application_name", "a")], settings.TakeChanges());
        await settings.RollbackAsync();
        Assert.Equal([("application_name", "")], settings.TakeChanges());
        settings.Set("application_name", ["b"], local: false);
        settings.Reset(null);
        Assert.Empty(settings.TakeChanges());
    }

    [Fact]
    public async Task Set_local_lasts_for_the_transaction_and_savepoints_undo_it()
    {
        var settings = new Settings();
        settings.Set("search_path", ["x"], local: true);
        Assert.Equal("\"$user\", public", settings.Show("search_path"));
        settings.BeginTransaction();
        settings.Set("search_path", ["a", "B c"], local: true);
        await settings.MarkAsync(CancellationToken.None);
        settings.Set("search_path", ["d"], local: false);
        Assert.Equal("d", settings.Show("search_path"));
        await settings.ReturnAsync(0, CancellationToken.None);
        Assert.Equal("a, \"B c\"", settings.Show("search_path"));
        await settings.CommitAsync();
        Assert.Equal("\"$user\", public", settings.Show("search_path"));
    }

    [Fact]
    public async Task Transaction_settings_follow_their_defaults()
    {
        var settings = new Settings();
        Assert.Equal("read committed", settings.Show("transaction_isolation"));
        settings.Set(new TransactionModes(IsolationLevel.Serializable, true, null), sessionDefault: true);
        Assert.Equal("serializable", settings.Show("transaction_isolation"));
        settings.BeginTransaction();
        settings.Set(new TransactionModes(IsolationLevel.RepeatableRead, false, null), sessionDefault: false);
        Assert.Equal(("repeatable read", false), (settings.Show("transaction_isolation"), settings.TransactionReadOnly));
        await settings.CommitAsync();
        Assert.True(settings.TransactionReadOnly);
    }

    [Fact]
    public void Reads_follow_our_own_settings()
    {
        var settings = new Settings();
        Assert.Same(ReadOptions.Default, settings.Reads);
        settings.Set("rqlite.consistency", ["LINEARIZABLE"], local: false);
        settings.Set("rqlite.freshness", ["2s"], local: false);
        settings.Set("rqlite.min_index", ["42"], local: false);
        Assert.Equal(
            (ReadConsistency.Linearizable, TimeSpan.FromSeconds(2), 42L), (settings.Reads.Consistency, settings.Reads.Freshness, settings.Reads.MinIndex));
    }

    [Fact]
    public void Startup_values_are_what_reset_returns_to()
    {
        var settings = new Settings();
        settings.SetStartup("application_name", "psql");
        settings.Set("application_name", ["x"], local: false);
        settings.Reset("application_name");
        Assert.Equal("psql", settings.Show("application_name"));
        Assert.True(settings.ShowAll().Count() > 350);
    }
}
