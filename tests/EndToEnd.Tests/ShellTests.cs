using System.Diagnostics;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>The shell as a process, by a pipe and on a terminal.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task A_script_prints_its_rows_and_ends_with_1_if_anything_has_failed()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        var result = await ShellAsync(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT);
            INSERT INTO t (name)
              VALUES ('fiona'), ('a;b');
            .mode csv
            SELECT * FROM t;
            .tables
            DELETE FROM t
            WHERE id = 2;
            SELECT count(*) AS n FROM t
            """,
            "-p", $"{node.Options.HttpPort}");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal("0 rows affected\n2 rows affected\nid,name\r\n1,fiona\r\n2,a;b\r\nname\r\nt\r\n1 row affected\nn\r\n1\r\n", result.Output);

        result = await ShellAsync("SELECT * FROM nowhere;\n.bogus\nSELECT 7;\n", "-p", $"{node.Options.HttpPort}", "--host", "localhost");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Error: no such table: nowhere", result.Errors, StringComparison.Ordinal);
        Assert.Contains(".bogus", result.Errors, StringComparison.Ordinal);
        Assert.Contains("| 7 |", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_server_takes_the_place_of_one_that_cannot_be_reached()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        var closed = Ports.Take();
        var result = await ShellAsync("SELECT 1 AS n;", "-p", $"{closed}", "-a", $"localhost:{closed},localhost:{node.Options.HttpPort}");
        Assert.Equal((0, "+---+\n| n |\n+---+\n| 1 |\n+---+\n"), (result.ExitCode, result.Output));
        result = await ShellAsync("SELECT 1;", "-p", $"{closed}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"cannot connect to 127.0.0.1:{closed}", result.Errors, StringComparison.Ordinal);
        result = await ShellAsync("SELECT 1;", "--http-timeout", "soon");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--http-timeout", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_csv_file_is_imported_and_a_file_of_many_statements_is_read()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        var (csv, sql) = (Path.Combine(_folder.Path, "rows.csv"), Path.Combine(_folder.Path, "many.sql"));
        await File.WriteAllLinesAsync(csv, ["a,\"b \"\"c\"\"\"", .. Enumerable.Range(0, 1200).Select(i => $"{i},\"x, {i}\"")]);
        await File.WriteAllLinesAsync(
            sql, ["CREATE TABLE u (n INTEGER);", ".timer off", .. Enumerable.Range(0, 1300).Select(i => $"INSERT INTO u VALUES ({i});")]);
        var result = await ShellAsync($".import {csv} rows\n.read {sql}\n", "-p", $"{node.Options.HttpPort}");
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.StartsWith("1200 rows imported into rows\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(1200, (await node.Api.QueryAsync("none", "SELECT count(*) FROM rows WHERE \"b \"\"c\"\"\" = 'x, ' || a")).Scalar().GetInt64());
        Assert.Equal(1300, (await node.Api.QueryAsync("none", "SELECT count(DISTINCT n) FROM u")).Scalar().GetInt64());

        await File.WriteAllLinesAsync(csv, ["a,b", "1,2", "3"]);
        result = await ShellAsync($".import {csv} short\n", "-p", $"{node.Options.HttpPort}");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("line 3: 1 values, not 2", result.Errors, StringComparison.Ordinal);
    }

    [ClientFact("script")]
    public async Task On_a_terminal_lines_are_completed_and_remembered()
    {
        using var node = await NodeProcess.Start(New()).ReadyAsync();
        (await node.Api.ExecuteAsync("CREATE TABLE planets (name TEXT)")).Result();
        var shell = Binaries.Shell();
        var command = string.Join(' ', shell.ArgumentList.Prepend(shell.FileName).Append($"-p {node.Options.HttpPort}"));
        var start = new ProcessStartInfo("script", ["-qec", command, "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["HOME"] = _folder.Path;
        start.Environment["TERM"] = "xterm";
        using var process = Process.Start(start)!;
        var seen = "";
        await AwaitAsync($"{node.Options.HttpPort}>");
        await TypeAsync("sel\t count(*) as found from pla\t\r");
        await AwaitAsync("...>");
        await TypeAsync(";\r");
        await AwaitAsync("| found |");
        await AwaitAsync("| 0     |");
        await AwaitAsync($"{node.Options.HttpPort}>");
        await TypeAsync(".quit\r");
        using var limit = new CancellationTokenSource(Until.Bound);
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        Assert.Equal(["select count(*) as found from planets", ";", ".quit"], await File.ReadAllLinesAsync(Path.Combine(_folder.Path, ".rqlite_history")));

        async Task TypeAsync(string keys)
        {
            await process.StandardInput.WriteAsync(keys);
            await process.StandardInput.FlushAsync();
        }

        async Task AwaitAsync(string text)
        {
            using var bound = new CancellationTokenSource(Until.Bound);
            var buffer = new char[4096];
            int at;
            while ((at = seen.IndexOf(text, StringComparison.Ordinal)) < 0)
            {
                var count = await process.StandardOutput.ReadAsync(buffer, bound.Token);
                Assert.True(count > 0, $"The shell has ended without '{text}': {seen}");
                seen += new string(buffer, 0, count);
            }

            seen = seen[(at + text.Length)..];
        }
    }

    public void Dispose() => _folder.Dispose();

    private static Task<CommandResult> ShellAsync(string input, params string[] arguments)
    {
        var start = Binaries.Shell();
        Array.ForEach(arguments, start.ArgumentList.Add);
        return CommandLine.RunAsync(start, input);
    }

    private NodeOptions New() => new() { Id = "n1", Data = _folder.Sub("data") };
}
