using Rqlite.Pg.Harness;
using static Rqlite.Pg.Abuse.CaseTable;

namespace Rqlite.Pg.Abuse;

/// <summary>What SQL of clients must not reach: the nodes' own functions and tables, and what is not replicated.</summary>
internal static class DoorCases
{
    private static readonly string[] s_functions =
    [
        "_rqlite_create_sequence", "_rqlite_alter_sequence", "_rqlite_rename_sequence", "_rqlite_drop_sequence", "_rqlite_raise_sequence",
    ];

    private static readonly string[] s_arguments =
    [
        "", "NULL", "'s'", "NULL, NULL", "-1, -1", "NULL, NULL, NULL", "'s', 's', 's'", "x'00', x'', 1e308", "1, 9223372036854775807, 1", "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL",
    ];

    private static readonly string[] s_tables = ["_rqlite_call", "_rqlite_meta", "_rqlite_sequences", "_rqlite_locks", "_rqlite_lock_tickets", "_rqlite_requests"];

    // Each text is refused at once, so one door of a kind will do. Named before the cases, which are made of it.
    private static IReadOnlyList<Door> Few { get; } = [.. Doors.Writes.Where(static d => d.Name is "execute" or "request" or "simple" or "extended" or "block")];

    public static IReadOnlyList<AbuseCase> All { get; } =
    [
        Each("internal-function", s_functions.SelectMany(static f => s_arguments.Select(a => $"SELECT {f}({a})"))),
        Each("internal-insert", s_functions.Select(static f => $"INSERT INTO p SELECT {f}(NULL, NULL, NULL)")),
        Used("internal-default", "CREATE TABLE IF NOT EXISTS d1(a DEFAULT (_rqlite_drop_sequence('s')))", "INSERT INTO d1 DEFAULT VALUES"),
        Used("internal-view", "CREATE VIEW IF NOT EXISTS d2 AS SELECT _rqlite_drop_sequence('s') AS a", "INSERT INTO p SELECT a FROM d2"),
        Used("internal-trigger", "CREATE TRIGGER IF NOT EXISTS d4 AFTER INSERT ON d3 BEGIN SELECT _rqlite_raise_sequence(1, 1, 1); END", "INSERT INTO d3 VALUES (1)") with
        {
            Setup = ["CREATE TABLE IF NOT EXISTS d3(a)"],
        },
        Each("internal-table", s_tables.SelectMany(static t => (string[])
            [$"DELETE FROM {t}", $"UPDATE {t} SET rowid = rowid + 1", $"INSERT INTO {t} DEFAULT VALUES", $"DROP TABLE {t}", $"ALTER TABLE {t} RENAME TO mine", $"CREATE INDEX i1 ON {t}(rowid)", $"ALTER TABLE {t} ADD COLUMN more", $"REPLACE INTO {t} DEFAULT VALUES"])),
        Each("reserved-name",
        [
            "ALTER TABLE t RENAME TO _rqlite_u", "CREATE TABLE _rqlite_u(a)", "CREATE VIEW _rqlite_v AS SELECT 1", "CREATE INDEX _rqlite_i ON t(a)",
            "CREATE TRIGGER _rqlite_t AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE VIRTUAL TABLE _rqlite_f USING fts5(a)", "CREATE TABLE \"_RQLITE_u\"(a)",
        ]),
        Each("temporary",
        [
            "CREATE TABLE temp.x(a)", "CREATE TEMP TABLE x(a)", "CREATE VIEW temp.v AS SELECT 1", "CREATE TRIGGER temp.tr AFTER INSERT ON t BEGIN SELECT 1; END",
            "CREATE TRIGGER temp.tr AFTER INSERT ON main.t BEGIN INSERT INTO p VALUES (1); END", "CREATE VIRTUAL TABLE temp.f USING fts5(a)", "CREATE TABLE temp.y AS SELECT 1",
            "CREATE INDEX temp.i ON t(a)", "INSERT INTO sqlite_temp_schema VALUES (1, 1, 1, 1, 1)",
        ]),
        Each("node-dependent",
            ((string[])["pragma_module_list", "pragma_function_list", "pragma_collation_list", "pragma_compile_options", "pragma_database_list", "dbstat", "pragma_data_version", "pragma_cache_size"])
                .Select(static v => $"INSERT INTO p SELECT count(*) FROM {v}")),
        Write("rootpage", "INSERT INTO p SELECT max(rootpage) FROM sqlite_schema", AnswerKinds.Denied),
        new ActionCase(CaseGroup.Doors, "module-history", ModuleHistoryAsync),
        new ActionCase(CaseGroup.Doors, "call-table", CallTableAsync),
        new ActionCase(CaseGroup.Doors, "files", FilesAsync),
        new ActionCase(CaseGroup.Doors, "origin", OriginAsync) { Short = true },
    ];

    private static SqlCase Each(string name, IEnumerable<string> texts) => Denied(name, "") with { Doors = Few, Variants = [.. texts], Short = true };

    private static SqlCase Denied(string name, string sql) => Write(name, sql, AnswerKinds.Denied | AnswerKinds.Error);

    /// <summary>The schema may name what its use is refused.</summary>
    private static SqlCase Used(string name, string create, string use) => new(CaseGroup.Doors, name, () => [create, use], AnswerKinds.Denied | AnswerKinds.Error) { Doors = Doors.Writes };

    private static SqlCase Write(string name, string sql, AnswerKinds expected) => new(CaseGroup.Doors, name, sql, expected) { Doors = Doors.Writes };

    /// <summary>A connection lists the modules that it has used; a node that was started again has used none.</summary>
    private static async Task<Finding> ModuleHistoryAsync(Bench bench)
    {
        await bench.Api.ExecuteAsync("INSERT INTO t SELECT count(*) FROM pragma_index_list('t')");
        var follower = (await bench.Cluster.LeaderAsync() + 1) % bench.Cluster.Count;
        await bench.Cluster.Nodes[follower].TerminateAsync();
        await bench.Cluster.Restart(follower).ReadyAsync();
        var api = bench.Cluster.Nodes[await bench.Cluster.LeaderAsync()].Api;
        var answers = new List<Answer>();
        foreach (var list in (string[])["pragma_module_list", "pragma_function_list", "pragma_table_list"])
        {
            answers.Add(Answer.Of(await api.ExecuteAsync($"INSERT INTO t SELECT count(*) FROM {list}")));
        }

        return await bench.TroubleAsync() is { } trouble ? Finding.Bad(trouble) : Finding.Good(string.Join("; ", answers));
    }

    /// <summary>Whatever a client does to the table that carries calls, NOTIFY and sequences go on.</summary>
    private static async Task<Finding> CallTableAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: true);
        foreach (var sql in (string[])["DELETE FROM _rqlite_call", "DELETE FROM main._rqlite_call WHERE 1", "UPDATE OR REPLACE _rqlite_call SET rowid = 1"])
        {
            await bench.Api.ExecuteAsync(sql);
        }

        using var session = await PgText.ConnectAsync(node.PgPort);
        await session.RunAsync("CREATE SEQUENCE IF NOT EXISTS call_table");
        var drawn = await session.RunAsync("SELECT nextval('call_table')");
        var created = await session.RunAsync("SELECT count(*) FROM sqlite_schema WHERE name = 'call_table'");
        await session.RunAsync("LISTEN call_table");
        await session.RunAsync("NOTIFY call_table, 'heard'");
        for (var i = 0; i < 50 && drawn.Ok; i++)
        {
            if (session.TakeNotifications().Contains("heard"))
            {
                return Finding.Good($"sequence {created.Rows[0][0]}, value {drawn.Rows[0][0]}, notification heard");
            }

            await session.HearAsync(TimeSpan.FromMilliseconds(200));
        }

        return Finding.Bad($"CREATE SEQUENCE and NOTIFY do nothing any more: {drawn}");
    }

    private static Task<Finding> FilesAsync(Bench bench)
    {
        const UnixFileMode Strangers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        var open = bench.Cluster.Options.SelectMany(static o =>
            ((FileSystemInfo[])[new DirectoryInfo(o.Data), .. new DirectoryInfo(o.Data).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)])
                .Where(static f => (f.UnixFileMode & Strangers) != 0)
                .Select(f => $"{Path.GetRelativePath(o.Data, f.FullName)} {f.UnixFileMode}")).Distinct().ToArray();
        return Task.FromResult(open.Length == 0 ? Finding.Good("nothing is open to other users") : Finding.Bad($"open to other users: {string.Join("; ", open.Take(8))}"));
    }

    /// <summary>A page of another origin may send a form without being asked; curl sends the same type without an origin.</summary>
    private static async Task<Finding> OriginAsync(Bench bench)
    {
        var node = await bench.NodeAsync(leader: true);
        var body = "[\"INSERT INTO p VALUES (1)\"]";
        var foreign = await CommandLine.BashAsync(
            $"curl -s -o /dev/null -w '%{{http_code}}' -H 'Origin: http://elsewhere.example' localhost:{node.HttpPort}/db/execute -d '{body}'");
        var left = (await bench.Api.QueryAsync("strong", "SELECT count(*) FROM p")).Scalar().GetInt64();
        var own = await CommandLine.BashAsync($"curl -s -o /dev/null -w '%{{http_code}}' localhost:{node.HttpPort}/db/execute -d '{body}'");
        var kept = (await bench.Api.QueryAsync("strong", "SELECT count(*) FROM p")).Scalar().GetInt64() - left;
        (await bench.Api.ExecuteAsync("DELETE FROM p")).Result();
        var seen = $"foreign origin {foreign.Output}, {left} rows; none {own.Output}, {kept} rows";
        return left == 0 && foreign.Output.StartsWith('4') && kept == 1 ? Finding.Good(seen) : Finding.Bad(seen);
    }
}
