using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>What a node stores is for its own user alone.</summary>
public sealed class FileModesTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task No_file_of_three_nodes_is_open_to_others_while_they_write_and_copy()
    {
        using var cluster = await TestCluster.StartAsync(2, ["-raft-snap", "10", "-raft-snap-int", "100ms"]);
        (await cluster.Nodes[0].Api.ExecuteAsync("CREATE TABLE t (a TEXT)")).Result();
        for (var i = 0; i < 60; i++)
        {
            (await cluster.Nodes[0].Api.ExecuteAsync("INSERT INTO t VALUES (hex(randomblob(20000)))")).Result();
        }

        // The log has been cut, so a new node is sent a copy.
        var late = new NodeOptions { Id = "late", Data = _folder.Sub("late"), Join = $"http://localhost:{cluster.Nodes[0].Options.HttpPort}" };
        using var third = await NodeProcess.Start(late).ReadyAsync();
        await third.LineAsync("Installed a copy");
        foreach (var node in cluster.Nodes.Append(third))
        {
            Assert.Empty(Open(node.Options.Data));
        }
    }

    [Fact]
    public async Task A_folder_that_was_open_to_others_is_closed_at_start_and_the_log_says_so_once()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("n1") };
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            (await node.Api.ExecuteAsync("CREATE TABLE t (a TEXT)")).Result();
            await node.TerminateAsync();
        }

        Assert.Equal(0, (await CommandLine.BashAsync($"chmod -R go+rX '{options.Data}'")).ExitCode);
        Assert.NotEmpty(Open(options.Data));
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            await node.LineAsync("were open to other users");
            Assert.Empty(Open(options.Data));
            Assert.Equal(0, (await node.Api.QueryAsync("strong", "SELECT count(*) FROM t")).Scalar().GetInt64());
            await node.TerminateAsync();
        }

        using var again = await NodeProcess.Start(options).ReadyAsync();
        Assert.DoesNotContain("open to other users", again.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_other_content_keeps_its_own_mode_and_that_content()
    {
        var options = new NodeOptions { Id = "n1", Data = _folder.Sub("shared") };
        Directory.CreateDirectory(options.Data);
        var foreign = Path.Combine(options.Data, "foreign.txt");
        await File.WriteAllTextAsync(foreign, "not a node's");
        Assert.Equal(0, (await CommandLine.BashAsync($"chmod 755 '{options.Data}'; chmod 644 '{foreign}'")).ExitCode);
        using var node = await NodeProcess.Start(options).ReadyAsync();
        Assert.Equal([foreign, options.Data], Open(options.Data).Order(StringComparer.Ordinal).Reverse());
    }

    public void Dispose() => _folder.Dispose();

    private static List<string> Open(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder).Where(IsOpen)];

    private static bool IsOpen(string path)
    {
        try
        {
            return !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The node has removed it meanwhile.
            return false;
        }
    }
}
