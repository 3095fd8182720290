using Rqlite.Pg.Benchmarks;

// Compares this project with PostgreSQL and rqlite side by side on one machine; prints Markdown.
if (BenchmarkOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(BenchmarkOptions.Usage);
    return 2;
}

var servers = new List<Server>();
var missing = new List<string>();
try
{
    bool Wants(params string[] sections) => options.Sections.Any(sections.Contains);
    var own = await TryAsync("rqlited", async () => await OwnServer.StartAsync(1));
    var postgres = Wants("reads", "inserts", "tpcb", "scan", "queries", "catalog", "idle") ? await TryAsync("PostgreSQL", async () => await PostgresServer.StartAsync()) : null;
    var own3 = Wants("http", "tpcb", "inserts") ? await TryAsync("rqlited x3", async () => await OwnServer.StartAsync(3)) : null;
    var rqlite = Wants("http") ? await TryAsync("rqlite", async () => await RqliteServer.StartAsync(1)) : null;
    var rqlite3 = Wants("http") ? await TryAsync("rqlite x3", async () => await RqliteServer.StartAsync(3)) : null;
    var beside = options.Beside is { } program ? await TryAsync("beside", async () => await OwnServer.StartAsync(1, program)) : null;
    var beside3 = options.Beside is { } three && own3 is not null ? await TryAsync("beside x3", async () => await OwnServer.StartAsync(3, three)) : null;
    Report.Conditions(servers, missing, options);

    var sections = new Sections(options);
    Server[] wire = [.. new[] { own, beside, postgres }.OfType<Server>()];
    Server[] http = [.. new[] { own, beside, rqlite, own3, beside3, rqlite3 }.OfType<Server>()];
    foreach (var section in options.Sections)
    {
        await (section switch
        {
            "reads" => sections.ReadsAsync(wire),
            "inserts" => sections.InsertsAsync([.. wire, .. new[] { own3, beside3 }.OfType<Server>()]),
            "tpcb" => sections.TpcbAsync([.. new[] { own, beside, postgres, own3, beside3 }.OfType<Server>()]),
            "http" => sections.HttpAsync(http),
            "scan" => sections.ScanAsync(wire),
            "queries" => sections.QueriesAsync(wire),
            "catalog" => sections.CatalogAsync(wire),
            _ => Sections.IdleAsync(wire),
        });
    }

    return own is null ? 1 : 0;
}
finally
{
    foreach (var server in servers)
    {
        await server.DisposeAsync();
    }
}

async Task<Server?> TryAsync(string name, Func<Task<Server>> start)
{
    try
    {
        var server = await start();
        servers.Add(server);
        return server;
    }
    catch (Exception e) when (e is InvalidOperationException or IOException or TimeoutException)
    {
        missing.Add($"{name}: {e.Message}");
        return null;
    }
}
