using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Statements of PostgreSQL's dialect see the settings of their session, whichever way they take to the database.</summary>
public sealed class TranslatedSettingsTests
{
    private const string Moment = "'2024-07-01 12:00:00+00'::timestamptz::text";

    [Fact]
    public async Task A_statement_sees_the_settings_of_its_moment_on_every_way_to_the_database()
    {
        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        await using (var setup = await server.ConnectAsync())
        {
            await ExecuteAsync(setup, "create table t (n int primary key, v text)");
        }

        await using var connection = await server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        Assert.Equal("2024-07-01 12:00:00+00", await AskAsync(connection, $"select {Moment}"));
        await ExecuteAsync(connection, "set timezone = 'Europe/Paris'");
        Assert.Equal("2024-07-01 14:00:00+02", await AskAsync(connection, $"select {Moment}"));

        // A write by itself, in a query string and in a pipeline with changes between.
        await ExecuteAsync(connection, $"insert into t values (1, {Moment})");
        await ExecuteAsync(connection, $"insert into t values (2, {Moment}); insert into t values (3, {Moment})");
        await using (var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new($"insert into t values (4, {Moment})"), new("set datestyle = 'german'"), new($"insert into t values (5, {Moment})"),
                new("set datestyle = 'iso, mdy'"),
            },
        })
        {
            await batch.ExecuteNonQueryAsync();
        }

        // A block's own snapshot, its shared snapshot, and the writer.
        foreach (var (begin, n) in new[] { ("begin", 6), ("begin isolation level repeatable read", 7) })
        {
            await ExecuteAsync(connection, begin);
            Assert.Equal("2024-07-01 14:00:00+02", await AskAsync(connection, $"select {Moment}"));
            await ExecuteAsync(connection, "set local timezone = 'Asia/Tokyo'");
            Assert.Equal("2024-07-01 21:00:00+09", await AskAsync(connection, $"select {Moment}"));
            await ExecuteAsync(connection, $"insert into t values ({n}, {Moment})");
            await ExecuteAsync(connection, "set local datestyle = 'sql, dmy'");
            Assert.Equal("01/07/2024 21:00:00 JST", await AskAsync(connection, $"select {Moment}"));
            await ExecuteAsync(connection, $"update t set v = v || ' ' || {Moment} where n = {n}");
            await ExecuteAsync(connection, "commit");
        }

        Assert.Equal("2024-07-01 14:00:00+02", await AskAsync(connection, $"select {Moment}"));
        Assert.Equal(
            string.Join('|', [.. Enumerable.Repeat("2024-07-01 14:00:00+02", 4), "01.07.2024 14:00:00 CEST",
                .. Enumerable.Repeat("2024-07-01 21:00:00+09 01/07/2024 21:00:00 JST", 2)]),
            await AskAsync(connection, "select string_agg(v, '|' order by n) from t"));
    }

    [Fact]
    public async Task The_names_of_the_session_and_its_search_path_are_its_own()
    {
        await using var server = new SocketServer(storage: options => options with { Sql = Implementations.Extensions });
        await using var connection = await server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        Assert.Equal("tester|tester|main", await AskAsync(connection, "select current_user || '|' || session_user || '|' || current_database()"));
        await ExecuteAsync(connection, "set search_path = nosuch, public");
        Assert.Equal("public", await AskAsync(connection, "select current_schema()"));
        Assert.Equal("nosuch, public", await AskAsync(connection, "select current_setting('search_path')"));
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string?> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        return (string?)await command.ExecuteScalarAsync();
    }
}
