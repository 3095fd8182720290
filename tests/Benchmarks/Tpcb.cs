using System.Globalization;
using System.Text;
using Npgsql;

namespace Rqlite.Pg.Benchmarks;

/// <summary>pgbench's TPC-B-like transaction: BEGIN, five statements, END; tables and script as pgbench has them, without its own set-up.</summary>
internal static class Tpcb
{
    private const int AccountsPerScale = 100_000;
    private const int TellersPerScale = 10;
    private const int RowsPerInsert = 1000;

    public static string Script(int scale) => string.Create(CultureInfo.InvariantCulture, $"""
        \set aid random(1, {AccountsPerScale * scale})
        \set bid random(1, {scale})
        \set tid random(1, {TellersPerScale * scale})
        \set delta random(-5000, 5000)
        BEGIN;
        UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
        SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
        UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
        UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
        INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
        END;

        """);

    public static async Task LoadAsync(Server server, int scale)
    {
        await Sql.RunAsync(
            server,
            "CREATE TABLE pgbench_branches (bid integer NOT NULL PRIMARY KEY, bbalance integer, filler char(88))",
            "CREATE TABLE pgbench_tellers (tid integer NOT NULL PRIMARY KEY, bid integer, tbalance integer, filler char(84))",
            "CREATE TABLE pgbench_accounts (aid integer NOT NULL PRIMARY KEY, bid integer, abalance integer, filler char(84))",
            "CREATE TABLE pgbench_history (tid integer, bid integer, aid integer, delta integer, mtime timestamp, filler char(22))");
        await using var connection = await Sql.OpenAsync(server.PgPorts[0]);
        await FillAsync(connection, "pgbench_branches (bid, bbalance, filler)", scale, id => $"({id},0,'')");
        await FillAsync(
            connection, "pgbench_tellers (tid, bid, tbalance, filler)", TellersPerScale * scale,
            id => string.Create(CultureInfo.InvariantCulture, $"({id},{1 + ((id - 1) / TellersPerScale)},0,'')"));
        var filler = new string(' ', 84);
        await FillAsync(
            connection, "pgbench_accounts (aid, bid, abalance, filler)", AccountsPerScale * scale,
            id => string.Create(CultureInfo.InvariantCulture, $"({id},{1 + ((id - 1) / AccountsPerScale)},0,'{filler}')"));
        if (server is PostgresServer)
        {
            await Sql.RunAsync(server, "VACUUM ANALYZE");
        }
    }

    /// <summary>Balances that any number of whole transactions leaves equal.</summary>
    public static async Task CheckAsync(Server server)
    {
        await using var connection = await Sql.OpenAsync(server.PgPorts[0]);
        await using var command = new NpgsqlCommand(
            "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history) " +
            "AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(delta) FROM pgbench_history) " +
            "AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)",
            connection);
        if (Convert.ToBoolean(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture) is false)
        {
            throw new InvalidDataException($"{server.Name}: the balances do not add up.");
        }
    }

    private static async Task FillAsync(NpgsqlConnection connection, string target, int rows, Func<int, string> row)
    {
        var text = new StringBuilder();
        for (var first = 1; first <= rows; first += RowsPerInsert)
        {
            var ids = Enumerable.Range(first, Math.Min(RowsPerInsert, rows - first + 1));
            text.Clear().Append("INSERT INTO ").Append(target).Append(" VALUES ").AppendJoin(',', ids.Select(row));
            await using var command = new NpgsqlCommand(text.ToString(), connection);
            await command.ExecuteNonQueryAsync();
        }
    }
}
