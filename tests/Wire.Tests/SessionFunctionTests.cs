using System.Diagnostics;
using Npgsql;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>The functions that a session carries out itself: set_config(), pg_sleep() and those that concern other sessions.</summary>
public sealed class SessionFunctionTests : IAsyncLifetime
{
    private readonly SocketServer _server;

    public SessionFunctionTests()
    {
        var sessions = new SessionRegistry();
        _server = new SocketServer(
            options => options with { Dialect = "postgresql", Sessions = sessions },
            storage: options => options with { Sql = Implementations.Extensions, Node = new NodeSql([], SystemTables.CreateOfNode(sessions.Rows)) });
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_setting_holds_as_long_as_that_of_SET_and_SET_LOCAL()
    {
        await using var connection = await _server.ConnectAsync();
        Assert.Equal("70kB", await AskAsync(connection, "select set_config('work_mem', '70', false)"));
        Assert.Equal("70kB", await AskAsync(connection, "show work_mem"));
        Assert.Equal("71kB", await AskAsync(connection, "select set_config('work_mem', '71kB', true)"));
        Assert.Equal("70kB", await AskAsync(connection, "show work_mem"));

        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "select set_config('work_mem', '72kB', true), set_config('app.tenant', 'a', true)");
        Assert.Equal("72kB a", await AskAsync(connection, "select current_setting('work_mem') || ' ' || current_setting('app.tenant')"));
        await ExecuteAsync(connection, "savepoint s");
        await ExecuteAsync(connection, "select set_config('work_mem', '73kB', false)");
        await ExecuteAsync(connection, "rollback to s");
        Assert.Equal("72kB", await AskAsync(connection, "show work_mem"));
        await ExecuteAsync(connection, "commit");
        Assert.Equal("70kB", await AskAsync(connection, "show work_mem"));
        Assert.Equal("", await AskAsync(connection, "select current_setting('app.tenant')"));

        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "select set_config('work_mem', '74kB', false)");
        await ExecuteAsync(connection, "rollback");
        Assert.Equal("70kB", await AskAsync(connection, "show work_mem"));

        // An error in a later row or column undoes what was set before it.
        await FailsAsync(connection, "22023", "select set_config('work_mem', case g when 2 then 'x' else '75kB' end, false) from generate_series(1, 2) g");
        Assert.Equal("70kB", await AskAsync(connection, "show work_mem"));
        Assert.Equal("4MB", await AskAsync(connection, "select set_config('work_mem', null, false)"));
    }

    [Fact]
    public async Task Settings_are_set_row_by_row_and_from_left_to_right()
    {
        await using var connection = await _server.ConnectAsync();
        Assert.Equal("1 1 2", await RowAsync(
            connection, "select set_config('app.n', '1', false), current_setting('app.n'), set_config('app.n', '2', false)"));
        Assert.Equal("2 3", await RowAsync(connection, "select current_setting('app.n') as old, set_config('app.n', '3', false) as new"));
        await ExecuteAsync(connection, "select set_config('app.n', g::text, false) from generate_series(1, 9) g order by g desc limit 3");
        Assert.Equal("7", await AskAsync(connection, "show app.n"));
        Assert.Equal("off", await AskAsync(connection, "select set_config('jit', 'off', false) from pg_settings where name = 'jit'"));
        Assert.Equal("5", await AskAsync(connection, "select * from set_config('app.n', '5', false)"));
        await FailsAsync(connection, "0A000", "select set_config('app.n', '6', false), 'n=' || current_setting('app.n')");
        await FailsAsync(connection, "0A000", "select distinct set_config('app.n', '6', false)");
        await FailsAsync(connection, "0A000", "select upper(set_config('app.n', '6', false))");
        Assert.Equal("5", await AskAsync(connection, "show app.n"));
    }

    [Fact]
    public async Task What_stands_behind_a_call_in_a_query_string_or_pipeline_runs_with_the_setting()
    {
        await using var connection = await _server.ConnectAsync();
        await ExecuteAsync(connection, "create schema a; create table a.t (n int); create table t (n int)");
        await ExecuteAsync(connection, "select set_config('search_path', 'a', true); insert into t values (1)");
        Assert.Equal("1 0", await RowAsync(connection, "select (select count(*) from a.t), (select count(*) from public.t)"));
        Assert.Equal("\"$user\", public", await AskAsync(connection, "show search_path"));

        await ExecuteAsync(connection, "insert into t values (2); select set_config('search_path', 'a', true); insert into t values (3)");
        Assert.Equal("2 1", await RowAsync(connection, "select (select count(*) from a.t), (select count(*) from public.t)"));

        // The whole is undone when a later statement fails.
        await FailsAsync(connection, "22012", "insert into t values (4); select set_config('search_path', 'a', false); select 1 / (select 0)");
        Assert.Equal("2 1", await RowAsync(connection, "select (select count(*) from a.t), (select count(*) from public.t)"));
        Assert.Equal("\"$user\", public", await AskAsync(connection, "show search_path"));

        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new("insert into public.t values (5)"),
                new("select set_config('app.who', $1, true)") { Parameters = { new() { Value = "me" } } },
                new("insert into public.t select length(current_setting('app.who'))"),
            },
        };
        await batch.ExecuteNonQueryAsync();
        Assert.Equal("9 3", await RowAsync(connection, "select sum(n), count(*) from public.t where n <> 1"));
    }

    [Fact]
    public async Task A_reported_setting_is_reported()
    {
        await using var connection = await _server.ConnectAsync();
        await ExecuteAsync(connection, "select set_config('TimeZone', 'Asia/Tokyo', false)");
        Assert.Equal("Asia/Tokyo", connection.Timezone);
    }

    [Fact]
    public async Task Sleep_ends_with_its_time_with_the_timeout_and_with_a_cancel_request()
    {
        await using var connection = await _server.ConnectAsync();
        var began = Stopwatch.GetTimestamp();
        Assert.Equal(" x", await RowAsync(connection, "select pg_sleep(0.2), 'x'"));
        Assert.True(Stopwatch.GetElapsedTime(began) >= TimeSpan.FromSeconds(0.2));
        Assert.Equal("1", await AskAsync(connection, "select 1 from pg_sleep(0.01)"));
        await ExecuteAsync(connection, "select pg_sleep_for('10 ms'), pg_sleep_until(now()), pg_sleep(null), pg_sleep(-1), pg_sleep('nan')");

        await ExecuteAsync(connection, "set statement_timeout = '100ms'");
        Assert.Equal(
            "canceling statement due to statement timeout", (await FailsAsync(connection, "57014", "select pg_sleep('infinity')")).MessageText);
        await ExecuteAsync(connection, "reset statement_timeout");

        await using var sleeping = new NpgsqlCommand("select pg_sleep(600)", connection);
        var running = sleeping.ExecuteNonQueryAsync();
        await Task.Delay(100);
        sleeping.Cancel();
        var cancelled = await Assert.ThrowsAsync<OperationCanceledException>(() => running);
        Assert.Equal("57014", (cancelled.InnerException as PostgresException)?.SqlState);
        Assert.Equal("1", await AskAsync(connection, "select 1"));
    }

    [Fact]
    public async Task A_sleeping_session_keeps_nobody_from_writing()
    {
        await using var connection = await _server.ConnectAsync();
        await using var other = await _server.ConnectAsync();
        await ExecuteAsync(connection, "create table t (n int)");
        var sleeping = new NpgsqlCommand("select pg_sleep(600), count(*) from t", connection).ExecuteNonQueryAsync();
        await ExecuteAsync(other, "insert into t values (1)");
        Assert.False(sleeping.IsCompleted);
        await ExecuteAsync(other, $"select pg_cancel_backend({connection.ProcessID})");
        await Assert.ThrowsAsync<PostgresException>(() => sleeping);
        await ExecuteAsync(other, "create table u (n text default set_config('a.b', 'c', false))");
        foreach (var statement in new[]
        {
            "insert into t select 1 from pg_sleep(0)", "update t set n = 2 returning pg_sleep(0)", "create view v as select set_config('a.b', 'c', false)",
            "with x as (insert into t values (3) returning n) select pg_sleep(0) from x", "select clock_timestamp() from pg_sleep(0)",
            "insert into u default values",
        })
        {
            await FailsAsync(other, "0A000", statement);
        }

        Assert.Equal("1 1", await RowAsync(other, "select count(*), sum(n) from t"));
    }

    [Fact]
    public async Task Statements_and_sessions_of_others_are_ended()
    {
        await using var connection = await _server.ConnectAsync();
        await using var busy = await _server.ConnectAsync();
        var sleeping = new NpgsqlCommand("select pg_sleep(600)", busy).ExecuteNonQueryAsync();
        while (await AskAsync(connection, $"select state from pg_stat_activity where pid = {busy.ProcessID}") != "active")
        {
            await Task.Delay(10);
        }

        Assert.Equal("True", await AskAsync(connection, $"select pg_cancel_backend(pid) from pg_stat_activity where pid = {busy.ProcessID}"));
        var cancelled = await Assert.ThrowsAsync<PostgresException>(() => sleeping);
        Assert.Equal(("57014", "canceling statement due to user request"), (cancelled.SqlState, cancelled.MessageText));
        Assert.Equal("1", await AskAsync(busy, "select 1"));

        // A session within a statement, and one that waits for its client.
        sleeping = new NpgsqlCommand("select pg_sleep(600)", busy).ExecuteNonQueryAsync();
        Assert.Equal("True", await AskAsync(connection, $"select pg_terminate_backend({busy.ProcessID}, 60000)"));
        var ended = await Assert.ThrowsAsync<PostgresException>(() => sleeping);
        Assert.Equal(("57P01", "terminating connection due to administrator command"), (ended.SqlState, ended.MessageText));
        await using var idle = await _server.ConnectAsync();
        await ExecuteAsync(idle, "begin");
        Assert.Equal("True", await AskAsync(connection, $"select pg_terminate_backend({idle.ProcessID}, 60000)"));
        Assert.Equal("1", await AskAsync(connection, "select count(*) from pg_stat_activity"));

        var notices = new List<string>();
        connection.Notice += (_, e) => notices.Add($"{e.Notice.SqlState} {e.Notice.MessageText}");
        Assert.Equal("False False", await RowAsync(connection, "select pg_cancel_backend(1), pg_terminate_backend(2)"));
        Assert.Equal(["01000 PID 1 is not a PostgreSQL backend process", "01000 PID 2 is not a PostgreSQL backend process"], notices);
        await FailsAsync(connection, "22003", "select pg_terminate_backend(1, -1)");
        Assert.Equal("57014", (await FailsAsync(connection, "57014", "select pg_cancel_backend(pg_backend_pid())")).SqlState);
        Assert.Equal("57P01", (await FailsAsync(connection, "57P01", "select pg_terminate_backend(pg_backend_pid())")).SqlState);
    }

    [Fact]
    public async Task The_session_knows_its_connection_and_the_server()
    {
        await using var connection = await _server.ConnectAsync();
        Assert.Equal($"127.0.0.1 127.0.0.1 {_server.Listener.EndPoint.Port} True", await RowAsync(
            connection,
            "select host(inet_client_addr()), host(inet_server_addr()), inet_server_port(),"
            + " inet_client_port() = (select client_port from pg_stat_activity where pid = pg_backend_pid())"));
        Assert.Equal("True True 0", await RowAsync(
            connection, "select pg_postmaster_start_time() < now(), pg_conf_load_time() <= now(), pg_notification_queue_usage()"));
        Assert.Equal("True True", await RowAsync(
            connection, "select pg_database_size(current_database()) > 0, pg_database_size(oid) > 0 from pg_database"));
        await FailsAsync(connection, "3D000", "select pg_database_size('nosuch')");

        // What a node says of itself can stand in a view, and in nothing that goes through the log.
        await ExecuteAsync(connection, "create view v as select inet_client_port() as p, pg_database_size('main') as s");
        Assert.Equal("True True", await RowAsync(connection, "select p > 0, s > 0 from v"));
        await ExecuteAsync(connection, "create table u (n int, a inet default inet_client_addr())");
        await FailsAsync(connection, "0A000", "insert into u (n) values (1)");
        await FailsAsync(connection, "0A000", "insert into u select pg_database_size('main')");
        await FailsAsync(connection, "0A000", "alter table u add check (a = inet_client_addr())");
        foreach (var asking in new[] { "select inet_client_addr()", "select pg_database_size('main')", "select count(*) from pg_stat_activity" })
        {
            await ExecuteAsync(connection, "begin; insert into u values (1, null)");
            await FailsAsync(connection, "0A000", asking);
            await ExecuteAsync(connection, "rollback");
        }
    }

    /// <summary>The answers are PostgreSQL's.</summary>
    [Fact]
    public async Task Indexes_sequences_and_collations_tell_their_properties()
    {
        await using var connection = await _server.ConnectAsync();
        await ExecuteAsync(connection, "create table ixt (a text, b int, c int)");
        await ExecuteAsync(connection, "create index ixi on ixt (a desc, b nulls first) include (c)");
        const string Properties =
            "array['asc', 'DESC', 'nulls_first', 'nulls_last', 'orderable', 'distance_orderable', 'returnable', 'search_array', 'search_nulls', 'x']";
        Assert.Equal("-,-,-,-,-,-,-,-,-,-|f,t,t,f,t,f,t,t,t,-|t,f,t,f,t,f,t,t,t,-|-,-,-,-,f,f,t,-,-,-|-,-,-,-,-,-,-,-,-,-", await AskAsync(
            connection,
            "select string_agg(s, '|' order by n) from (select n,"
            + " string_agg(coalesce(left(pg_index_column_has_property('ixi'::regclass, n, p)::text, 1), '-'), ','"
            + $" order by i) as s from generate_series(0, 4) n, unnest({Properties}) with ordinality u(p, i) group by n) x"));
        Assert.Equal("True True True True  ", await RowAsync(
            connection,
            "select pg_index_has_property('ixi'::regclass, 'clusterable'), pg_index_has_property('ixi'::regclass, 'index_scan'),"
            + " pg_index_has_property('ixi'::regclass, 'bitmap_scan'), pg_index_has_property('ixi'::regclass, 'backward_scan'),"
            + " pg_index_has_property('ixi'::regclass, 'x'), pg_index_has_property('ixt'::regclass, 'index_scan')"));
        Assert.Equal("403 ttttt|405 ffftf|783 ffttt|2742 fftff|3580 fftff|4000 ffftt", await AskAsync(
            connection,
            "select string_agg(s, '|' order by a) from (select a, a || ' ' || string_agg(left(pg_indexam_has_property(a::oid, p)::text, 1), '' order by i) as s"
            + " from unnest(array[403, 405, 783, 2742, 4000, 3580]) a,"
            + " unnest(array['can_order', 'can_unique', 'can_multi_col', 'can_exclude', 'can_include']) with ordinality u(p, i) group by a) x"));

        await ExecuteAsync(connection, "create sequence sq increment 5 minvalue -3 cache 7 cycle");
        Assert.Equal("-3 -3 9223372036854775807 5 True 7 20", await RowAsync(connection, "select * from pg_sequence_parameters('sq'::regclass)"));
        await FailsAsync(connection, "42P01", "select * from pg_sequence_parameters(999999)");

        Assert.Equal("\"default\" \"C\" \"C\" \"default\"  ", await RowAsync(
            connection,
            "select pg_collation_for('a'::text), pg_collation_for('a'::text collate \"C\"), pg_collation_for(current_user), pg_collation_for(array['a']),"
            + " pg_collation_for('a'), pg_collation_for(null)"));
        await FailsAsync(connection, "42804", "select pg_collation_for(1)");

        Assert.Equal(" {}", await RowAsync(connection, "select pg_current_logfile('csvlog'), pg_safe_snapshot_blocking_pids(1)"));
        await FailsAsync(connection, "22023", "select pg_current_logfile('x')");
        await FailsAsync(connection, "22023", "select pg_stat_reset_shared('x')");
        Assert.Equal(
            "\"ixt\" is not a sequence", (await FailsAsync(connection, "42809", "select has_sequence_privilege('ixt', 'usage')")).MessageText);
        Assert.Equal("True False", await RowAsync(connection, "select pg_reload_conf(), pg_rotate_logfile()"));
    }

    [Fact]
    public async Task Who_waits_for_the_writer_and_for_whom()
    {
        await using var holder = await _server.ConnectAsync();
        await using var waiter = await _server.ConnectAsync();
        await using var watcher = await _server.ConnectAsync();
        var (held, waiting) = (holder.ProcessID, waiter.ProcessID);
        await ExecuteAsync(holder, "create table t (n int)");
        await ExecuteAsync(holder, "set rqlite.writer_slice = '1h'");
        await ExecuteAsync(holder, "begin");
        await ExecuteAsync(holder, "insert into t values (1)");
        Assert.Equal("{} {} False", await BlockingAsync());

        var write = ExecuteAsync(waiter, "insert into t values (2)");
        var blocked = $"{{}} {{{held}}} True";
        while (await BlockingAsync() != blocked)
        {
            Assert.False(write.IsCompleted);
        }

        Assert.Equal("Lock transactionid", await AskAsync(
            watcher, $"select wait_event_type || ' ' || wait_event from pg_stat_activity where pid = {waiting}"));
        Assert.Equal("False", await AskAsync(watcher, $"select pg_isolation_test_session_is_blocked({waiting}, '{{1,2}}')"));
        await ExecuteAsync(holder, "commit");
        await write;
        Assert.Equal("{} {} False", await BlockingAsync());
        Assert.Equal("", await AskAsync(watcher, "select pg_blocking_pids(null)"));

        Task<string> BlockingAsync() => RowAsync(
            watcher,
            $"select pg_blocking_pids({held}), pg_blocking_pids({waiting}), pg_isolation_test_session_is_blocked({waiting}, array[{held}])");
    }

    private static async Task<PostgresException> FailsAsync(NpgsqlConnection connection, string state, string sql)
    {
        var error = await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, sql));
        Assert.True(error.SqlState == state, $"{sql}: {error.SqlState} {error.MessageText}");
        return error;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<string> AskAsync(NpgsqlConnection connection, string sql) => await RowAsync(connection, sql);

    private static async Task<string> RowAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        var row = Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i) switch
        {
            "t" => "True",
            "f" => "False",
            var text => text,
        });
        return string.Join(' ', row.ToList());
    }
}
