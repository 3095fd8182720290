using System.Diagnostics;
using System.Globalization;
using Rqlite.Pg.Harness;

namespace Rqlite.Pg.Benchmarks;

/// <summary>The measurements; each visits the servers in turn, round after round.</summary>
internal sealed class Sections(BenchmarkOptions options)
{
    public async Task ReadsAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading($"Point reads by primary key, {Report.Whole(options.Rows)} rows (reads /s, server CPU per read)");
        foreach (var server in servers)
        {
            Report.Line($"{server.Name}: loaded in {await Sql.LoadAsync(server, "bench", options.Rows):0.0} s");
        }

        Report.Line();
        var script = $"\\set aid random(1, {options.Rows})\nSELECT val FROM bench WHERE id = :aid;\n";
        var rows = new List<string[]>();
        foreach (var mode in Pgbench.Modes)
        {
            foreach (var clients in Clients(1, 8, 32))
            {
                var samples = await AlternateAsync(servers, s => Pgbench.RunAsync(s, script, mode, clients, options.Seconds));
                rows.Add([mode, clients.ToString(CultureInfo.InvariantCulture), .. samples.Select(Report.Rate)]);
            }
        }

        Report.Table(["protocol", "clients", .. servers.Select(s => s.Name)], rows);
    }

    public async Task InsertsAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading("Autocommit inserts, every one durable (inserts /s, server CPU per insert)");
        foreach (var server in servers)
        {
            await Sql.RunAsync(server, "DROP TABLE IF EXISTS bench_insert", "CREATE TABLE bench_insert (v bigint, t text)");
        }

        const string Script = "\\set v random(1, 1000000000)\nINSERT INTO bench_insert(v, t) VALUES (:v, 'a text of ordinary length');\n";
        var rows = new List<string[]>();
        foreach (var clients in Clients(1, 8, 32, 64))
        {
            var samples = await AlternateAsync(servers, s => Pgbench.RunAsync(s, Script, "prepared", clients, options.Seconds));
            rows.Add([clients.ToString(CultureInfo.InvariantCulture), .. samples.Select(Report.Rate)]);
        }

        Report.Table(["clients", .. servers.Select(s => s.Name)], rows);
    }

    public async Task QueriesAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading($"Queries of decision support, {options.QueryScale / 1000.0} of TPC-H's unit (ms, the best of {options.Rounds} runs)");
        var results = new List<(double Milliseconds, string Rows)[]>();
        foreach (var server in servers)
        {
            var clock = Stopwatch.StartNew();
            await Analytics.LoadAsync(server, options.QueryScale);
            Report.Line(string.Create(CultureInfo.InvariantCulture, $"{server.Name}: loaded in {clock.Elapsed.TotalSeconds:0.0} s"));
        }

        foreach (var server in servers)
        {
            results.Add(await Analytics.RunAsync(server, options.Rounds));
        }

        Report.Line();
        var last = results[^1];
        Report.Table(["query", .. servers.Select(s => s.Name), "rows"], last.Select((other, i) => (string[])
        [
            $"{i + 1}", .. results.Select(result => result[i].Milliseconds.ToString("0.0", CultureInfo.InvariantCulture)),
            results.TrueForAll(result => result[i].Rows == other.Rows) ? "equal" : "DIFFERENT",
        ]));
        for (var i = 0; i < results.Count - 1; i++)
        {
            var ratios = last.Select((other, query) => results[i][query].Milliseconds / other.Milliseconds).ToArray();
            Report.Line();
            Report.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"{servers[i].Name} / {servers[^1].Name}: geometric mean {Math.Exp(ratios.Average(Math.Log)):0.00}, largest {ratios.Max():0.0}"));
        }
    }

    public async Task CatalogAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading("1,000 tables: \\d of psql, connections (ms, medians)");
        foreach (var server in servers)
        {
            for (var i = 0; i < 1000; i += 100)
            {
                await Sql.RunAsync(server, string.Join(';', Enumerable.Range(i, 100).Select(n => $"create table t{n} (id serial primary key, a text not null, b int references t{n}(id))")));
            }
        }

        (string Name, Func<Server, Task> Run)[] measured =
        [
            ("psql -c 'select 1'", server => Sql.PsqlAsync(server, "select 1")),
            ("psql -c '\\d'", server => Sql.PsqlAsync(server, "\\d")),
            ("psql -c '\\d t500'", server => Sql.PsqlAsync(server, "\\d t500")),
            ("Npgsql, first connection, its types loaded", server => Sql.ConnectAsync(server, loadsTypes: true)),
            ("Npgsql, a connection more", server => Sql.ConnectAsync(server, loadsTypes: false)),
        ];
        var rows = new List<string[]>();
        foreach (var (name, run) in measured)
        {
            var cells = new List<string> { name };
            foreach (var server in servers)
            {
                var times = new List<double>();
                for (var i = 0; i < 21; i++)
                {
                    var clock = Stopwatch.StartNew();
                    await run(server);
                    times.Add(clock.Elapsed.TotalMilliseconds);
                }

                times.Sort();
                cells.Add(string.Create(CultureInfo.InvariantCulture, $"{times[times.Count / 2]:0.0}"));
            }

            rows.Add([.. cells]);
        }

        Report.Table(["", .. servers.Select(s => s.Name)], rows);
    }

    public async Task TpcbAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading($"TPC-B-like transactions of pgbench, scale {options.Scale} (transactions /s, CPU of the server per transaction)");
        foreach (var server in servers)
        {
            await Tpcb.LoadAsync(server, options.Scale);
            await Sql.RunAsync(server, "CREATE TABLE bench_beside (v bigint, t text)");
        }

        var script = Tpcb.Script(options.Scale);
        var rows = new List<string[]>();
        foreach (var mode in new[] { "simple", "prepared" })
        {
            foreach (var clients in Clients(1, 8))
            {
                var samples = await AlternateAsync(servers, s => Pgbench.RunAsync(s, script, mode, clients, options.Seconds));
                rows.Add([mode, clients.ToString(CultureInfo.InvariantCulture), .. samples.Select(Report.Rate)]);
            }
        }

        Report.Table(["protocol", "clients", .. servers.Select(s => s.Name)], rows);
        Report.Heading("Single inserts of 16 clients beside such transactions (inserts /s; transactions /s)");
        rows.Clear();
        foreach (var interactive in new[] { 0, 1, 4 })
        {
            var cells = new List<string>();
            foreach (var server in servers)
            {
                cells.Add(await BesideAsync(server, script, interactive));
            }

            rows.Add([interactive.ToString(CultureInfo.InvariantCulture), .. cells]);
        }

        Report.Table(["clients with transactions", .. servers.Select(s => s.Name)], rows);
        foreach (var server in servers)
        {
            await Tpcb.CheckAsync(server);
        }
    }

    private async Task<string> BesideAsync(Server server, string script, int interactive)
    {
        const string Insert = "\\set v random(1, 1000000000)\nINSERT INTO bench_beside(v, t) VALUES (:v, 'a text of ordinary length');\n";
        var transactions = interactive == 0 ? null : Pgbench.RunAsync(server, script, "prepared", interactive, options.Seconds);
        var inserts = await Pgbench.RunAsync(server, Insert, "prepared", 16, options.Seconds);
        return transactions is null
            ? $"{Report.Whole(inserts.PerSecond)} /s"
            : $"{Report.Whole(inserts.PerSecond)} /s; {Report.Whole((await transactions).PerSecond)} /s";
    }

    public async Task HttpAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading("Single-row inserts over HTTP, keep-alive, to the leader (inserts /s, CPU of all nodes per insert)");
        foreach (var server in servers)
        {
            using var api = new Api(server.HttpPorts[0]);
            (await api.ExecuteAsync("CREATE TABLE bench_http (v INTEGER, t TEXT)")).Result();
        }

        var rows = new List<string[]>();
        foreach (var connections in Clients(1, 16, 64))
        {
            var samples = await AlternateAsync(servers, s => HttpLoad.InsertAsync(s, connections, options.Seconds));
            rows.Add([connections.ToString(CultureInfo.InvariantCulture), .. samples.Select(Report.Rate)]);
        }

        Report.Table(["connections", .. servers.Select(s => s.Name)], rows);
    }

    public async Task ScanAsync(IReadOnlyList<Server> servers)
    {
        Report.Heading($"All of {Report.Whole(options.ScanRows)} rows (rows /s)");
        foreach (var server in servers)
        {
            Report.Line($"{server.Name}: loaded in {await Sql.LoadAsync(server, "bench_scan", options.ScanRows):0.0} s");
        }

        Report.Line();
        var copy = await AlternateAsync(servers, CopyAsync);
        var raw = await AlternateAsync(servers, RawAsync);
        Report.Table(["client", .. servers.Select(s => s.Name)], [["psql \\copy (select) to /dev/null", .. copy.Select(Report.Rate)], ["bare socket, simple query", .. raw.Select(Report.Rate)]]);
    }

    public static async Task IdleAsync(IReadOnlyList<Server> servers)
    {
        const int Connections = 1000;
        Report.Heading("Memory of an idle server and of an idle connection");
        Report.Line("RSS counts a page shared by PostgreSQL's processes once for each of them; PSS shares it out.");
        Report.Line();
        var rows = new List<string[]>();
        foreach (var server in servers)
        {
            var (rss, pss) = (ProcessTimes.ResidentBytes(server.ProcessIds), ProcessTimes.ProportionalBytes(server.ProcessIds));
            var readers = new List<RawReader>();
            try
            {
                for (var i = 0; i < Connections; i++)
                {
                    readers.Add(await RawReader.OpenAsync(server.PgPorts[0]));
                    await readers[^1].QueryAsync("SELECT 1");
                }

                var (rssAfter, pssAfter) = (ProcessTimes.ResidentBytes(server.ProcessIds), ProcessTimes.ProportionalBytes(server.ProcessIds));
                rows.Add([server.Name, $"{rss >> 20} / {pss >> 20} MB", $"{(rssAfter - rss) / 1024.0 / Connections:0.0} / {(pssAfter - pss) / 1024.0 / Connections:0.0} kB"]);
            }
            finally
            {
                readers.ForEach(r => r.Dispose());
            }
        }

        Report.Table(["server", "server before, RSS / PSS", $"per connection of {Connections}, RSS / PSS"], rows);
    }

    private async Task<Sample> CopyAsync(Server server)
    {
        var psql = CommandLine.Find("psql") ?? throw new FileNotFoundException("psql is not installed");
        var before = ProcessTimes.CpuSeconds(server.ProcessIds);
        var clock = Stopwatch.StartNew();
        var result = await CommandLine.BashAsync(
            $"'{psql}' -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p {server.PgPorts[0]} -U postgres postgres -c \"\\copy (select id, val from bench_scan) to '/dev/null'\"");
        return result.ExitCode == 0
            ? new Sample(options.ScanRows / clock.Elapsed.TotalSeconds, 1e6 * (ProcessTimes.CpuSeconds(server.ProcessIds) - before) / options.ScanRows)
            : throw new InvalidOperationException($"{server.Name}: {result}");
    }

    private async Task<Sample> RawAsync(Server server)
    {
        using var reader = await RawReader.OpenAsync(server.PgPorts[0]);
        var before = ProcessTimes.CpuSeconds(server.ProcessIds);
        var clock = Stopwatch.StartNew();
        var bytes = await reader.QueryAsync("select id, val from bench_scan");
        return bytes > options.ScanRows * 84L
            ? new Sample(options.ScanRows / clock.Elapsed.TotalSeconds, 1e6 * (ProcessTimes.CpuSeconds(server.ProcessIds) - before) / options.ScanRows)
            : throw new InvalidDataException($"{server.Name} sent {bytes} bytes only.");
    }

    /// <summary>A B A B; medians in the order of the servers.</summary>
    private async Task<Sample[]> AlternateAsync(IReadOnlyList<Server> servers, Func<Server, Task<Sample>> run)
    {
        var samples = servers.Select(_ => new List<Sample>()).ToArray();
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                samples[i].Add(await run(servers[i]));
            }
        }

        return [.. samples.Select(Sample.Median)];
    }

    private IEnumerable<int> Clients(params int[] usual) => options.Clients.Count > 0 ? options.Clients : usual;
}
