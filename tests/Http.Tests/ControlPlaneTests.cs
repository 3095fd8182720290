using System.Text.Json;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Http.Tests.Doubles;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http.Tests;

public sealed class ControlPlaneTests
{
    private static readonly HttpOptions s_options = new() { Version = "v1", AllowOrigin = "https://app.example" };

    [Fact]
    public async Task Requests_are_answered_as_the_script_says()
    {
        var control = new ScriptedControl();
        await using var server = await TestServer.StartAsync(One(), control, s_options);
        await HttpScript.RunAsync("control.http", server);
        Assert.Equal(
            ["remove n3", "stepdown anyone", "stepdown anyone", "stepdown n2 and wait", "sync"],
            control.Calls.Where(call => call != "nodes").Order());
    }

    [Fact]
    public async Task A_missing_leader_is_503()
    {
        var control = new ScriptedControl { Leader = null, IsLeader = false };
        await using var server = await TestServer.StartAsync(One(), control);
        var stepDown = await server.SendAsync("POST", "/leader");
        Assert.Equal((503, "leader not found\n"), (stepDown.Status, stepDown.Body));
        var ready = await server.SendAsync("GET", "/readyz");
        Assert.Equal((503, "[+]node ok\n[+]leader does not exist"), (ready.Status, ready.Body));
    }

    [Fact]
    public async Task Readiness_names_what_is_missing()
    {
        var control = new ScriptedControl { Ready = false };
        await using var server = await TestServer.StartAsync(One("boom"), control);
        Assert.Equal((503, "[+]node ok\n[+]leader ok\n[+]store not ready"), await ReadyAsync(server, "/readyz"));
        control.Ready = true;
        control.Stalled = "entry 7 has been applying for 12s";
        Assert.Equal((503, "[+]node ok\n[+]leader ok\n[+]store not ready: entry 7 has been applying for 12s"), await ReadyAsync(server, "/readyz"));
        control.Stalled = null;
        Assert.Equal((503, "[+]node ok\n[+]leader ok\n[+]store ok\n[+]db not ok: (boom)"), await ReadyAsync(server, "/readyz"));
        control.Failure = new ClusterException(ClusterError.Timeout, "timeout waiting for sync");
        Assert.Equal(
            (503, "[+]node ok\n[+]leader ok\n[+]store ok\n[+]sync timeout waiting for sync"), await ReadyAsync(server, "/readyz?sync"));
        control.IsLeader = false;
        Assert.Equal((503, "[+]node ok\n[+]leader not contactable: timeout waiting for sync"), await ReadyAsync(server, "/readyz"));
    }

    [Fact]
    public async Task A_node_that_is_not_open_says_so()
    {
        var control = new ScriptedControl { Failure = new ClusterException(ClusterError.NotReady, "starting") };
        await using var server = await TestServer.StartAsync(One(), control);
        var nodes = await server.SendAsync("GET", "/nodes");
        Assert.Equal((503, "store nodes: store not open\n"), (nodes.Status, nodes.Body));
    }

    [Fact]
    public async Task Failures_of_the_cluster_are_500_with_their_text()
    {
        var control = new ScriptedControl { Failure = new ClusterException(ClusterError.Invalid, "node not found in cluster") };
        await using var server = await TestServer.StartAsync(One(), control);
        var stepDown = await server.SendAsync("POST", "/leader?wait");
        Assert.Equal((500, "stepdown: node not found in cluster\n"), (stepDown.Status, stepDown.Body));
        var remove = await server.SendAsync("DELETE", "/remove", new StringContent("""{"id":"n9"}"""));
        Assert.Equal((500, "node not found in cluster\n"), (remove.Status, remove.Body));
    }

    [Fact]
    public async Task Redirects_lead_to_the_leader_with_path_and_query()
    {
        var control = new ScriptedControl { IsLeader = false, Self = ScriptedControl.N3 };
        await using var server = await TestServer.StartAsync(One(), control);
        var remove = await server.SendAsync("DELETE", "/remove?redirect&a=%20b", new StringContent("""{"id":"n9"}"""));
        Assert.Equal((301, "http://h1:4001/remove?redirect&a=%20b"), (remove.Status, Location(remove.Message)));
        var stepDown = await server.SendAsync("POST", "/leader?redirect");
        Assert.Equal((301, "http://h1:4001/leader?redirect"), (stepDown.Status, Location(stepDown.Message)));
        control.Leader = ScriptedControl.N2;
        Assert.Equal((500, "leader not found\n"), await SendAsync(server, "POST", "/leader?redirect"));
    }

    [Fact]
    public async Task Status_is_one_document_in_the_order_of_its_keys()
    {
        await using var server = await TestServer.StartAsync(One(), new ScriptedControl());
        var (status, body, _) = await server.SendAsync("GET", "/status?pretty");
        Assert.Equal(200, status);
        using var document = JsonDocument.Parse(body);
        Assert.Equal(
            ["build", "cluster", "extensions", "http", "mux", "network", "node", "os", "runtime", "store"],
            document.RootElement.EnumerateObject().Select(property => property.Name));
        Assert.Contains("\n    \"build\": {\n        \"compiler_toolchain\": \"dotnet\",\n        \"version\": \"v1\"\n    },", body, StringComparison.Ordinal);
        Assert.Equal(Environment.ProcessId, document.RootElement.GetProperty("os").GetProperty("pid").GetInt32());
    }

    internal static ScriptedDatabase One(string? error = null) => new(() =>
    [
        new ListCursor(
            ListCursor.Columns(("1", null)), error is null ? [[1L]] : [],
            new StatementOutcome(true, 0, 0, TimeSpan.FromMilliseconds(1), error is null ? null : new StatementError(1, error, -1))),
    ]);

    private static Task<(int, string)> ReadyAsync(TestServer server, string target) => SendAsync(server, "GET", target);

    private static async Task<(int, string)> SendAsync(TestServer server, string method, string target)
    {
        var (status, body, _) = await server.SendAsync(method, target);
        return (status, body);
    }

    private static string? Location(HttpResponseMessage message) => message.Headers.Location?.OriginalString;
}
