using System.Data;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests.Dialect;

/// <summary>
/// Queries that sqlsmith makes of the node's own catalogs: whatever they are, each has rows or an error of the client's. LONG_TESTS=1 runs them for half an
/// hour; SQLSMITH_SEED repeats a run.
/// </summary>
public sealed partial class RandomQueriesTests
{
    private const int QueriesOfASeed = 600;

    // Internal errors of PostgreSQL 15 itself.
    private static readonly string[] s_postgresOwn = ["failed to find conversion function from unknown", "cache lookup failed for "];

    [ClientFact("sqlsmith", "psql")]
    public async Task No_query_of_sqlsmith_is_an_internal_error()
    {
        var first = Environment.GetEnvironmentVariable("SQLSMITH_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Environment.TickCount & 0xFFFFFF;
        var time = Stopwatch.StartNew();
        var length = Environment.GetEnvironmentVariable("LONG_TESTS") == "1" ? TimeSpan.FromMinutes(30) : TimeSpan.Zero;
        using var server = await ClientServer.StartAsync();
        await using var connection = new NpgsqlConnection(server.Npgsql);
        await connection.OpenAsync();
        await ExecuteAsync(connection, "SET statement_timeout = '2s'");
        var (ran, wrong) = (0, new List<string>());
        for (var seed = first; seed == first || time.Elapsed < length; seed++)
        {
            foreach (var query in await QueriesAsync(server, seed))
            {
                // Each is undone, so that the tables stay as they are.
                await ExecuteAsync(connection, "BEGIN");
                var state = await ExecuteAsync(connection, query);
                ran += state is null ? 1 : 0;
                if (state is "XX000" or "58030" || (connection.State != ConnectionState.Open && !LacksResources(state) && state != ""))
                {
                    wrong.Add($"seed {seed}: {state ?? "ran"}, {connection.State}\n{query}");
                }

                if (connection.State != ConnectionState.Open)
                {
                    await connection.OpenAsync();
                    await ExecuteAsync(connection, "SET statement_timeout = '2s'");
                }

                await ExecuteAsync(connection, "ROLLBACK");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong.Take(5)));
        Assert.True(ran > 0, "None of the queries ran.");
    }

    // The driver leaves a connection on which a statement wanted more memory or disk than it may have.
    private static bool LacksResources(string? state) => state?.StartsWith("53", StringComparison.Ordinal) == true;

    private static async Task<IEnumerable<string>> QueriesAsync(ClientServer server, int seed)
    {
        var made = await server.RunAsync(
            "sqlsmith", null, $"--target=host=localhost port={server.Port} user=postgres dbname={ClientServer.Database}", $"--seed={seed}",
            $"--max-queries={QueriesOfASeed}", "--dry-run");
        Assert.True(made.ExitCode == 0, made.ToString());

        // Both are refused by name, and would hide what else there is in nearly all of the queries.
        return made.Output.Split(";\n").Select(static query => Lateral().Replace(Sample().Replace(query, ""), "(").Trim()).Where(static query => query.Length > 0);
    }

    /// <returns>The error's SQLSTATE; null for none.</returns>
    private static async Task<string?> ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        try
        {
            await using var reader = await command.ExecuteReaderAsync();
            do
            {
                while (await reader.ReadAsync())
                {
                }
            }
            while (await reader.NextResultAsync());
            return null;
        }
        catch (PostgresException e) when (s_postgresOwn.Any(text => e.MessageText.StartsWith(text, StringComparison.Ordinal)))
        {
            return "";
        }
        catch (NpgsqlException e)
        {
            return e.SqlState ?? e.ToString();
        }
    }

    [GeneratedRegex(@"\btablesample\s+(system|bernoulli)\s*\([\d.]+\)")]
    private static partial Regex Sample();

    [GeneratedRegex(@"\blateral\s+\(")]
    private static partial Regex Lateral();
}
