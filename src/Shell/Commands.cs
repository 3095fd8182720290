using System.Text.Json;

namespace Rqlite.Pg.Shell;

/// <summary>The commands that begin with a dot.</summary>
internal static class Commands
{
    private const string NoLimit = "no limit of time";

    private static readonly Command[] s_all =
    [
        new(".backup", "FILE", "Write a copy of the database to FILE", 1, 1, (s, a, t) => Transfers.ReceiveAsync(s, "db/backup", a[0], t)),
        new(".blobarray", "[on|off]", "Show BLOBs as arrays of bytes", 0, 1, (s, a, _) => Switch(s, a, s.BlobArray, v => s.BlobArray = v)),
        new(".boot", "FILE", "Boot a single node from the SQLite file FILE, with " + NoLimit, 1, 1, (s, a, t) => Transfers.SendAsync(s, "boot", a[0], t)),
        new(".changes", "[on|off]", "Show the id of the last inserted row", 0, 1, (s, a, _) => Switch(s, a, s.Changes, v => s.Changes = v)),
        new(".consistency", "[LEVEL]", "Show or set the level of reads: none, weak, linearizable, strong, auto", 0, 1, Consistency),
        new(".dump", "FILE [TABLE,…]", "Write the database, or some tables, to FILE as SQL", 1, 2, Dump),
        new(".exit", "", "Leave the shell", 0, 0, Exit),
        new(".expvar", "[KEY]", "Show the server's counters", 0, 1, (s, a, t) => Show(s, "debug/vars", a, t)),
        new(".extensions", "", "Show the extensions of SQLite that the server has loaded", 0, 0, (s, _, t) => Show(s, "status", ["extensions"], t)),
        new(".forcewrites", "[on|off]", "Send all statements as writes", 0, 1, (s, a, _) => Switch(s, a, s.ForceWrites, v => s.ForceWrites = v)),
        new(".help", "", "Show this list", 0, 0, Help),
        new(".import", "FILE TABLE", "Insert the rows of a CSV file, whose first line names the columns", 2, 2, (s, a, t) => CsvImport.RunAsync(s, a[0], a[1], t)),
        new(".indexes", "", "Show the names of all indexes", 0, 0, (s, _, t) => s.ListAsync("SELECT name FROM sqlite_master WHERE type='index' ORDER BY name", t)),
        new(".leader", "", "Show the leader", 0, 0, Leader),
        new(".mode", "[MODE]", $"Show or set the form of rows: {string.Join(", ", OutputModes.All.Keys)}", 0, 1, Mode),
        new(".multiline", "[on|off]", "A statement ends with a semicolon or an empty line, not with its line", 0, 1, (s, a, _) => Switch(s, a, s.MultiLine, v => s.MultiLine = v)),
        new(".nodes", "[all]", "Show the voting nodes, or all", 0, 1, Nodes),
        new(".output", "[FILE|stdout]", "Show or set where answers are written", 0, 1, Output),
        new(".quit", "", "Leave the shell", 0, 0, Exit),
        new(".read", "FILE", "Run the statements and commands of FILE", 1, 1, (s, a, t) => InputFile.RunAsync(s, a[0], t)),
        new(".ready", "", "Show whether the server is ready", 0, 0, Ready),
        new(".reap", "", "Remove old snapshots", 0, 0, async (s, _, t) => s.Output.WriteLine(await Ask(s, HttpMethod.Post, "reap", t).ConfigureAwait(false))),
        new(".remove", "NODEID", "Remove a node from the cluster", 1, 1, Remove),
        new(".restore", "FILE", "Load a SQLite file or an SQL dump, with " + NoLimit, 1, 1, (s, a, t) => Transfers.SendAsync(s, "db/load", a[0], t)),
        new(".schema", "", "Show the definitions of all objects", 0, 0, (s, _, t) => s.ListAsync("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL", t)),
        new(".show", "", "Show the settings of the shell", 0, 0, Settings),
        new(".snapshot", "[N]", "Shorten the log of the server, all but its last N entries", 0, 1, Snapshot),
        new(".status", "[KEY]", "Show the server's status, or a part such as store.leader", 0, 1, (s, a, t) => Show(s, "status", a, t)),
        new(".stepdown", "[NODEID]", "Hand the lead over, to a node if one is named", 0, 1, StepDown),
        new(".sysdump", "FILE", "Write status, nodes, readiness and counters of all nodes to FILE", 1, 1, SystemDump.RunAsync),
        new(".tables", "", "Show the names of all tables", 0, 0,
            (s, _, t) => s.ListAsync("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name", t)),
        new(".timer", "[on|off]", "Show how long statements take", 0, 1, (s, a, _) => Switch(s, a, s.Timer, v => s.Timer = v)),
    ];

    public static IEnumerable<string> Names => s_all.Select(static command => command.Name);

    /// <exception cref="ShellException">There is no such command, its arguments do not fit, or it has failed.</exception>
    public static async Task RunAsync(ShellSession session, string line, CancellationToken token)
    {
        var words = Split(line.TrimEnd(';'));
        var name = words[0].ToLowerInvariant();
        name = name is "quit" or "exit" ? "." + name : name;
        var command = Array.Find(s_all, c => c.Name == name)
            ?? throw new ShellException($"unknown command or invalid arguments: \"{words[0]}\". Enter \".help\" for help");
        var arguments = words[1..];
        if (arguments.Length < command.Least || arguments.Length > command.Most)
        {
            throw new ShellException($"usage: {command.Name} {command.Arguments}".TrimEnd());
        }

        await command.Run(session, arguments, token).ConfigureAwait(false);
    }

    /// <summary>Words between blanks; quotes of either kind hold blanks together.</summary>
    private static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var (quote, any) = ('\0', false);
        foreach (var c in line)
        {
            if (quote != '\0' ? c == quote : c is '"' or '\'')
            {
                (quote, any) = (quote == '\0' ? c : '\0', true);
            }
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (any)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    any = false;
                }
            }
            else
            {
                word.Append(c);
                any = true;
            }
        }

        if (any)
        {
            words.Add(word.ToString());
        }

        return quote == '\0' ? [.. words] : throw new ShellException("a quote is not closed");
    }

    private static Task<string> Ask(ShellSession session, HttpMethod method, string path, CancellationToken token) =>
        session.Server.AskAsync(method, path, null, token);

    private static Task Switch(ShellSession session, string[] arguments, bool value, Action<bool> set)
    {
        switch (arguments)
        {
            case []:
                session.Output.WriteLine(value ? "on" : "off");
                break;
            case ["on"]:
                set(true);
                break;
            case ["off"]:
                set(false);
                break;
            default:
                throw new ShellException($"invalid option '{arguments[0]}'. Use 'on' or 'off'");
        }

        return Task.CompletedTask;
    }

    private static Task Consistency(ShellSession session, string[] arguments, CancellationToken token)
    {
        if (arguments is [])
        {
            session.Output.WriteLine(session.Consistency);
        }
        else
        {
            session.Consistency = arguments[0] is "none" or "weak" or "linearizable" or "strong" or "auto"
                ? arguments[0]
                : throw new ShellException($"invalid level '{arguments[0]}'. Use 'none', 'weak', 'linearizable', 'strong' or 'auto'");
        }

        return Task.CompletedTask;
    }

    private static Task Dump(ShellSession session, string[] arguments, CancellationToken token) => Transfers.ReceiveAsync(
        session, "db/backup?fmt=sql" + (arguments.Length > 1 ? $"&tables={Uri.EscapeDataString(arguments[1])}" : ""), arguments[0], token);

    private static Task Exit(ShellSession session, string[] arguments, CancellationToken token)
    {
        session.Ended = true;
        return Task.CompletedTask;
    }

    private static Task Help(ShellSession session, string[] arguments, CancellationToken token)
    {
        foreach (var command in s_all)
        {
            session.Output.WriteLine($"{$"{command.Name} {command.Arguments}",-27}{command.Text}");
        }

        return Task.CompletedTask;
    }

    private static Task Mode(ShellSession session, string[] arguments, CancellationToken token)
    {
        if (arguments is [])
        {
            session.Output.WriteLine(session.Mode);
        }
        else
        {
            session.Mode = OutputModes.All.ContainsKey(arguments[0])
                ? arguments[0]
                : throw new ShellException($"invalid mode '{arguments[0]}'. Use one of {string.Join(", ", OutputModes.All.Keys)}");
        }

        return Task.CompletedTask;
    }

    private static Task Output(ShellSession session, string[] arguments, CancellationToken token)
    {
        if (arguments is [])
        {
            session.Output.WriteLine(session.OutputName);
        }
        else
        {
            session.SetOutput(arguments[0] == "stdout" ? null : arguments[0]);
        }

        return Task.CompletedTask;
    }

    private static Task Settings(ShellSession session, string[] arguments, CancellationToken token)
    {
        foreach (var (name, value) in new[]
        {
            ("server", session.Server.Address.ToString()), ("blobarray", OnOff(session.BlobArray)), ("changes", OnOff(session.Changes)),
            ("consistency", session.Consistency), ("forcewrites", OnOff(session.ForceWrites)), ("mode", session.Mode), ("multiline", OnOff(session.MultiLine)),
            ("output", session.OutputName), ("timer", OnOff(session.Timer)),
        })
        {
            session.Output.WriteLine($"{name,12}: {value}");
        }

        return Task.CompletedTask;

        static string OnOff(bool value) => value ? "on" : "off";
    }

    private static async Task Ready(ShellSession session, string[] arguments, CancellationToken token)
    {
        try
        {
            await Ask(session, HttpMethod.Get, "readyz", token).ConfigureAwait(false);
            session.Output.WriteLine("ready");
        }
        catch (ShellException e)
        {
            session.Output.WriteLine("not ready");
            session.Fail(e.Message.ReplaceLineEndings("; "));
        }
    }

    private static async Task Remove(ShellSession session, string[] arguments, CancellationToken token) => await session.Server.AskAsync(
        HttpMethod.Delete, "remove", () => Json(new Dictionary<string, string> { ["id"] = arguments[0] }), token).ConfigureAwait(false);

    private static async Task StepDown(ShellSession session, string[] arguments, CancellationToken token) => await session.Server.AskAsync(
        HttpMethod.Post, "leader?wait", arguments is [var id] ? () => Json(new Dictionary<string, string> { ["id"] = id }) : null, token).ConfigureAwait(false);

    private static async Task Snapshot(ShellSession session, string[] arguments, CancellationToken token)
    {
        if (arguments is [var count] && !uint.TryParse(count, out _))
        {
            throw new ShellException($"'{count}' is no number of entries");
        }

        await Ask(session, HttpMethod.Post, "snapshot" + (arguments is [var trailing] ? $"?trailing_logs={trailing}" : ""), token).ConfigureAwait(false);
    }

    private static StringContent Json(object value) => new(JsonSerializer.Serialize(value), System.Text.Encoding.UTF8, "application/json");

    private static async Task Show(ShellSession session, string path, string[] arguments, CancellationToken token)
    {
        var key = arguments is [var named] ? $"?key={Uri.EscapeDataString(named)}" : "";
        using var document = ParsedAnswer(await Ask(session, HttpMethod.Get, path + key, token).ConfigureAwait(false));
        Outline.Write(session.Output, document.RootElement);
    }

    private static async Task Nodes(ShellSession session, string[] arguments, CancellationToken token)
    {
        if (arguments is [not "all"])
        {
            throw new ShellException("usage: .nodes [all]");
        }

        using var document = ParsedAnswer(await Ask(session, HttpMethod.Get, "nodes" + (arguments is [_] ? "?nonvoters" : ""), token).ConfigureAwait(false));
        Outline.Write(session.Output, document.RootElement);
    }

    private static async Task Leader(ShellSession session, string[] arguments, CancellationToken token)
    {
        using var document = ParsedAnswer(await Ask(session, HttpMethod.Get, "nodes", token).ConfigureAwait(false));
        foreach (var node in document.RootElement.EnumerateObject())
        {
            if (node.Value.TryGetProperty("leader", out var leads) && leads.ValueKind == JsonValueKind.True)
            {
                Outline.Write(session.Output, node.Value);
                return;
            }
        }

        throw new ShellException("there is no leader now");
    }

    private static JsonDocument ParsedAnswer(string answer)
    {
        try
        {
            var document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object || document.RootElement.ValueKind == JsonValueKind.Array
                ? document
                : throw new ShellException($"the server's answer is {answer}");
        }
        catch (JsonException e)
        {
            throw new ShellException($"the server's answer is no JSON: {e.Message}", e);
        }
    }

    /// <param name="Least">The least number of arguments.</param>
    /// <param name="Most">The largest number of arguments.</param>
    private sealed record Command(
        string Name, string Arguments, string Text, int Least, int Most, Func<ShellSession, string[], CancellationToken, Task> Run);
}
