using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Tables of one dialect that the other one writes and changes, by HTTP and by the wire on different nodes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class TypedColumnsTests(ThreeNodes three)
{
    [Fact]
    public async Task What_does_not_fit_is_refused_by_every_door_and_leaves_nothing_on_any_node()
    {
        var table = await CreateAsync();
        var api = three.Cluster.Nodes[1].Api;
        var reply = await api.ExecuteAsync(
        [
            $"INSERT INTO {table}(id, n, v) VALUES (1, 1, 'abc')", $"INSERT INTO {table}(id, n) VALUES (2, 'many')",
            $"INSERT INTO {table}(id, v) VALUES (3, 'abcd')", new object[] { $"INSERT INTO {table}(id, p) VALUES (?, ?)", 4, "2.50" },
        ]);
        Assert.Equal(
            [
                "ok",
                $"column \"n\" of table \"{table}\" is of type integer and cannot hold 'many': invalid input syntax for type integer: \"many\"",
                $"column \"v\" of table \"{table}\" is of type character varying(3) and cannot hold 'abcd': value too long for type character varying(3)",
                "ok",
            ], Errors(reply));
        Assert.Equal(
            ["ok", $"column \"p\" of table \"{table}\" is of type numeric(10,2) and cannot hold '1.5': its stored form is '1.50'"],
            Errors(await api.ExecuteAsync(
                [$"INSERT INTO {table}(id) VALUES (5)", $"UPDATE {table} SET p = 1.5", $"INSERT INTO {table}(id) VALUES (6)"], "?transaction")));
        await using (var connection = await OpenAsync(2, "sqlite"))
        {
            foreach (var (sql, state) in new[]
            {
                ($"INSERT INTO {table}(id, n) VALUES (7, 3000000000)", "22003"),
                ($"INSERT INTO {table}(id, n) VALUES (7, 'x') ON CONFLICT DO NOTHING", "22P02"),
                ($"INSERT OR REPLACE INTO {table}(id, v) VALUES (1, 'abcd')", "22001"),
                ($"UPDATE {table} SET p = -1", "22P02"),
            })
            {
                var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(connection, sql));
                Assert.Equal((sql, state), (sql, error.SqlState));
            }

            await AskAsync(connection, "begin");
            await AskAsync(connection, $"INSERT INTO {table}(id, n) VALUES (8, 8)");
            await AskAsync(connection, "savepoint a");
            await Assert.ThrowsAsync<PostgresException>(() => AskAsync(connection, $"INSERT INTO {table}(id, n) VALUES (9, 9), (10, 'ten')"));
            await AskAsync(connection, "rollback to a");
            await AskAsync(connection, $"INSERT INTO {table}(id, n) VALUES (11, 11)");
            await AskAsync(connection, "commit");
        }

        await OnEveryNodeAsync(connection => AskAsync(connection, $"select id, n, v, p from {table} order by id"), "1|1|abc|\n4|||2.50\n8|8||\n11|11||");
    }

    [Fact]
    public async Task A_trigger_made_over_http_cannot_bring_in_what_does_not_fit()
    {
        var table = await CreateAsync();
        var api = three.Cluster.Nodes[0].Api;
        await api.ExecuteAsync(
        [
            $"CREATE TABLE {table}_raw(a, b)",
            $"CREATE TRIGGER {table}_copy AFTER INSERT ON {table}_raw BEGIN INSERT INTO {table}(id, n) VALUES (new.a, new.b); END",
        ]);
        await SeenAsync($"{table}_raw");
        await using var connection = await OpenAsync(1, "postgresql");
        await AskAsync(connection, "set rqlite.consistency = 'linearizable'");
        var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(connection, $"insert into {table}_raw values ('1', 'many')"));
        Assert.Equal("22P02", error.SqlState);
        await AskAsync(connection, $"insert into {table}_raw values ('1', '7')");
        await OnEveryNodeAsync(other => AskAsync(other, $"select id, n from {table}"), "1|7");
        Assert.Equal("1", await AskAsync(connection, $"select count(*) from {table}_raw"));
    }

    [Fact]
    public async Task What_http_renames_and_drops_is_renamed_and_dropped_in_the_catalogs_of_every_node()
    {
        var table = await CreateAsync();
        var api = three.Cluster.Nodes[2].Api;
        string oid;
        await using (var connection = await OpenAsync(0, "postgresql"))
        {
            oid = await AskAsync(connection, $"select '{table}'::regclass::oid");
        }

        Assert.Equal(
            ["ok", "ok", "ok", "ok"], Errors(await api.ExecuteAsync(
            [
                $"ALTER TABLE {table} RENAME TO {table}_new", $"ALTER TABLE {table}_new RENAME COLUMN v TO w", $"ALTER TABLE {table}_new DROP COLUMN p",
                $"CREATE TABLE {table}(v)",
            ])));
        await OnEveryNodeAsync(
            connection => AskAsync(
                connection,
                $"select c.oid = {oid}, c.relname = '{table}_new', attname, format_type(atttypid, atttypmod), attnum from pg_class c join pg_attribute on attrelid = c.oid"
                + $" where relname like '{table}%' and relkind = 'r' and attnum > 0 and not attisdropped order by 1, 5"),
            "f|f|v|text|1\nt|t|id|integer|1\nt|t|n|integer|2\nt|t|w|character varying(3)|3");
        Assert.StartsWith("column \"w\"", Errors(await api.ExecuteAsync([$"INSERT INTO {table}_new(id, w) VALUES (1, 'abcd')"])).Single(), StringComparison.Ordinal);
        Assert.Equal(["ok", "ok"], Errors(await api.ExecuteAsync([$"INSERT INTO {table} VALUES ('abcd')", $"DROP TABLE {table}_new"])));
        await OnEveryNodeAsync(
            connection => AskAsync(
                connection,
                $"select (select count(*) from pg_class where oid = {oid}), (select count(*) from pg_attribute where attrelid = {oid}),"
                + $" (select count(*) from pg_constraint where conrelid = {oid}), (select count(*) from pg_type where typname = '{table}_new')"),
            "0|0|0|0");
    }

    [Fact]
    public async Task What_http_made_has_one_oid_on_all_nodes_before_and_after_a_restart_and_joins_lead_to_it()
    {
        var table = $"typed{Random.Shared.Next()}";
        await three.Cluster.Nodes[1].Api.ExecuteAsync([$"CREATE TABLE {table}(id INTEGER PRIMARY KEY, v VARCHAR(5) UNIQUE)"]);
        await SeenAsync(table);
        var query = "select c.oid, t.oid, i.indexrelid, con.oid, format_type(a.atttypid, a.atttypmod) from pg_class c join pg_type t on t.typrelid = c.oid"
            + " join pg_index i on i.indrelid = c.oid and not i.indisprimary join pg_constraint con on con.conindid = i.indexrelid"
            + $" join pg_attribute a on a.attrelid = c.oid and a.attname = 'v' where c.relname = '{table}'";
        var answers = new List<string>();
        for (var round = 0; round < 2; round++)
        {
            for (var node = 0; node < three.Cluster.Count; node++)
            {
                await using var connection = await OpenAsync(node, "postgresql");
                await AskAsync(connection, "set rqlite.consistency = 'linearizable'");
                answers.Add(await AskAsync(connection, query));
            }

            if (round == 0)
            {
                await three.Cluster.Nodes[2].KillAsync();
                await three.Cluster.Restart(2).ReadyAsync();
            }
        }

        Assert.Single(answers.Distinct());
        Assert.EndsWith("|character varying(5)", answers[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_tables_of_the_server_cannot_be_taken_by_any_door()
    {
        var table = await CreateAsync();
        string[] statements =
        [
            "DELETE FROM _rqlite_class", $"UPDATE _rqlite_attribute SET type = 25 WHERE name = '{table}'", "DROP TABLE _rqlite_oid", "CREATE TABLE pg_rows(x)",
            $"ALTER TABLE {table} RENAME TO _pg_catalog_pg_class", "CREATE VIEW pragma_table_xinfo AS SELECT 1", "CREATE TABLE json_each(x)",
        ];
        Assert.All(
            Errors(await three.Cluster.Nodes[0].Api.ExecuteAsync([.. statements])),
            error => Assert.StartsWith("not authorized: ", error, StringComparison.Ordinal));
        foreach (var dialect in (string[])["sqlite", "postgresql"])
        {
            await using var connection = await OpenAsync(1, dialect);
            foreach (var sql in statements)
            {
                var error = await Assert.ThrowsAsync<PostgresException>(() => AskAsync(connection, sql));
                Assert.NotEqual((sql, "XX000"), (sql, error.SqlState));
            }
        }

        await OnEveryNodeAsync(connection => AskAsync(connection, $"select count(*) from pg_attribute where attrelid = '{table}'::regclass and attnum > 0"), "4");
    }

    private async Task<string> CreateAsync()
    {
        var table = $"typed{Random.Shared.Next()}";
        await using var connection = await OpenAsync(0, "postgresql");
        await AskAsync(connection, $"create table {table} (id int primary key, n int, v varchar(3), p numeric(10,2))");
        await SeenAsync(table);
        return table;
    }

    // A node translates for the schema that it has.
    private async Task SeenAsync(string table)
    {
        for (var node = 0; node < three.Cluster.Count; node++)
        {
            await using var connection = await OpenAsync(node, "postgresql");
            await Until.TrueAsync(
                "the table on every node", async () => await AskAsync(connection, $"select count(*) from pg_class where relname = '{table}'") == "1");
        }
    }

    private async Task OnEveryNodeAsync(Func<NpgsqlConnection, Task<string>> ask, string expected)
    {
        for (var node = 0; node < three.Cluster.Count; node++)
        {
            await using var connection = await OpenAsync(node, "postgresql");
            await AskAsync(connection, "set rqlite.consistency = 'linearizable'");
            Assert.Equal((node, expected), (node, await ask(connection)));
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(int node, string dialect)
    {
        var connection = await ClientsTests.OpenAsync(three, node);
        await AskAsync(connection, $"set rqlite.dialect = '{dialect}'");
        return connection;
    }

    private static string[] Errors(Reply reply) =>
    [
        .. reply.Json.GetProperty("results").EnumerateArray().Select(result => result.TryGetProperty("error", out var error) ? error.GetString()! : "ok"),
    ];

    // All values as text, as psql -At shows them.
    private static async Task<string> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        }

        return string.Join('\n', rows);
    }
}
