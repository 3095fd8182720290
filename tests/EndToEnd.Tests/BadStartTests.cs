using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Starts that cannot go well end with a message and an exit code, and soon.</summary>
public sealed class BadStartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task An_unknown_flag_is_named()
    {
        var result = await NodeProcess.RunAsync("-no-such-flag", "1", _folder.Sub("data"));
        Refused(result, "no-such-flag");
        Assert.False(Directory.Exists(_folder.Sub("data")));
    }

    [Fact]
    public async Task A_start_without_a_folder_is_refused()
    {
        Refused(await NodeProcess.RunAsync("-http-addr", "localhost:0"), "director");
    }

    [Theory]
    [InlineData("-http-addr")]
    [InlineData("-raft-addr")]
    [InlineData("-pg-addr")]
    public async Task An_address_that_is_none_is_named(string flag)
    {
        var options = New("n1");
        var arguments = options.Arguments().ToArray();
        arguments[Array.IndexOf(arguments, flag) + 1] = "nowhere:notaport";
        Refused(await NodeProcess.RunAsync(arguments), "nowhere");
    }

    [Theory]
    [InlineData("-http-addr")]
    [InlineData("-raft-addr")]
    [InlineData("-pg-addr")]
    public async Task An_address_in_use_is_named(string flag)
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, Ports.Take());
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var options = New("n1");
        var arguments = options.Arguments().ToArray();
        arguments[Array.IndexOf(arguments, flag) + 1] = $"127.0.0.1:{port}";
        var result = await NodeProcess.RunAsync(arguments);
        Refused(result, port.ToString());
        Refused(result, flag);

        // No cluster was founded that a later -join would come too late for.
        Assert.False(Directory.Exists(Path.Combine(options.Data, "raft")));
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_folder_is_named()
    {
        var options = New("n1");
        await File.WriteAllTextAsync(options.Data, "a file");
        Refused(await NodeProcess.RunAsync([.. options.Arguments()]), "is not a folder");
        Assert.Equal("a file", await File.ReadAllTextAsync(options.Data));
    }

    [Fact]
    public async Task A_folder_with_a_cluster_of_its_own_says_that_it_does_not_join()
    {
        var other = New("n1");
        var founder = New("n2");
        using var member = await NodeProcess.Start(other).ReadyAsync();
        using (var alone = await NodeProcess.Start(founder).ReadyAsync())
        {
            await alone.TerminateAsync();
        }

        using var again = await NodeProcess.Start(founder with { Join = $"http://localhost:{other.HttpPort}" }).ReadyAsync();
        await again.LineAsync("-join is not followed");
    }

    [Fact]
    public async Task The_folder_of_another_node_is_refused()
    {
        var options = New("n1");
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            await node.TerminateAsync();
        }

        Refused(await NodeProcess.RunAsync([.. (options with { Id = "other" }).Arguments()]), "n1");
        using var again = await NodeProcess.Start(options).ReadyAsync();
    }

    [Fact]
    public async Task A_folder_in_use_is_refused()
    {
        var options = New("n1");
        using var node = await NodeProcess.Start(options).ReadyAsync();
        var second = New("n1") with { Data = options.Data };
        Refused(await NodeProcess.RunAsync([.. second.Arguments()]), "use");
        Assert.True((await node.Api.QueryAsync("strong", "SELECT 1")).Ok);
    }

    [Fact]
    public async Task A_join_to_a_dead_address_ends_with_its_name()
    {
        var dead = Ports.Take();
        var options = New("n1") with { Join = $"http://localhost:{dead}", Extra = ["-join-attempts", "2", "-join-interval", "200ms"] };
        var result = await NodeProcess.RunAsync([.. options.Arguments()]);
        Refused(result, dead.ToString());
        Assert.DoesNotContain("Try:", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_a_newer_format_is_refused()
    {
        var options = New("n1");
        using (var node = await NodeProcess.Start(options).ReadyAsync())
        {
            await node.TerminateAsync();
        }

        var path = Path.Combine(options.Data, "node.json");
        var text = await File.ReadAllTextAsync(path);
        var newer = text.Replace("\"Format\": 1", "\"Format\": 999", StringComparison.Ordinal);
        Assert.NotEqual(text, newer);
        await File.WriteAllTextAsync(path, newer);
        Refused(await NodeProcess.RunAsync([.. options.Arguments()]), "999");
    }

    [Fact]
    public async Task A_second_living_node_with_the_same_id_does_not_harm_the_first()
    {
        var first = New("n1");
        var second = New("n2") with { Join = $"http://localhost:{first.HttpPort}" };
        using var leader = await NodeProcess.Start(first).ReadyAsync();
        using var member = await NodeProcess.Start(second).ReadyAsync();
        var impostor = New("n2") with { Data = _folder.Sub("impostor"), Join = second.Join, Extra = ["-join-attempts", "2", "-join-interval", "200ms"] };
        Refused(await NodeProcess.RunAsync([.. impostor.Arguments()]), "n2");
        Assert.True((await member.Api.QueryAsync("linearizable", "SELECT 1")).Ok);
        Assert.True((await leader.Api.QueryAsync("strong", "SELECT 1")).Ok);
    }

    public void Dispose() => _folder.Dispose();

    private static void Refused(CommandResult result, string names)
    {
        Assert.True(result.ExitCode != 0, $"was accepted\n{result}");
        var told = result.Errors.Split('\n').Where(l => l.StartsWith("fatal: ", StringComparison.Ordinal)).ToArray();
        Assert.True(told.Any(l => l.Contains(names, StringComparison.OrdinalIgnoreCase)), $"no line \"fatal: …\" names \"{names}\"\n{result}");
        Assert.DoesNotContain("Unhandled", result.Errors, StringComparison.Ordinal);
    }

    private NodeOptions New(string id) => new() { Id = id, Data = _folder.Sub(id) };
}
