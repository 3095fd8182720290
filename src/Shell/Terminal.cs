using System.Globalization;
using System.Text.Json;
using RadLine;
using Spectre.Console;

namespace Rqlite.Pg.Shell;

/// <summary>The shell on a terminal: lines with editing, history, and completion of commands, keywords and names.</summary>
internal sealed class Terminal
{
    private const string HistoryVariable = "RQLITE_HISTFILESIZE";
    private const int HistoryStandard = 100;

    private static readonly string[] s_keywords =
    [
        "ALTER", "AND", "AS", "ASC", "BEGIN", "BETWEEN", "BY", "CASE", "CHECK", "COLUMN", "COMMIT", "CONSTRAINT", "CREATE", "CROSS", "DEFAULT", "DELETE", "DESC",
        "DISTINCT", "DROP", "ELSE", "END", "EXISTS", "EXPLAIN", "FOREIGN", "FROM", "GROUP", "HAVING", "IN", "INDEX", "INNER", "INSERT", "INTO", "IS", "JOIN", "KEY",
        "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "OUTER", "PRAGMA", "PRIMARY", "REFERENCES", "REPLACE", "RETURNING", "ROLLBACK",
        "SELECT", "SET", "TABLE", "THEN", "TRIGGER", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES", "VIEW", "WHEN", "WHERE", "WITH",
    ];

    private readonly ShellSession _session;
    private readonly LineEditor _editor;
    private readonly StatementSplitter _splitter = new();
    private readonly List<string> _history = [];
    private readonly Names _names = new();

    private Terminal(ShellSession session)
    {
        _session = session;
        _editor = new LineEditor { MultiLine = false, Prompt = new NamedPrompt(this), Completion = _names };
        _editor.KeyBindings.Add<PreviousHistoryCommand>(ConsoleKey.UpArrow);
        _editor.KeyBindings.Add<NextHistoryCommand>(ConsoleKey.DownArrow);
        _editor.KeyBindings.Add<LeaveCommand>(ConsoleKey.D, ConsoleModifiers.Control);

        // A line that was typed while a statement ran ends with Ctrl-J: the terminal was not in the editor's mode then.
        _editor.KeyBindings.Add<SubmitCommand>(ConsoleKey.J, ConsoleModifiers.Control);
        _editor.KeyBindings.Add<SubmitCommand>(ConsoleKey.Enter, ConsoleModifiers.Control);
    }

    private static string HistoryPath => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".rqlite_history");

    private static int HistoryMax =>
        int.TryParse(Environment.GetEnvironmentVariable(HistoryVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : HistoryStandard;

    public static async Task RunAsync(ShellSession session, CancellationToken token)
    {
        var terminal = new Terminal(session);
        terminal.ReadHistory();
        try
        {
            await terminal.LoopAsync(token).ConfigureAwait(false);
        }
        finally
        {
            terminal.WriteHistory();
        }
    }

    private async Task LoopAsync(CancellationToken token)
    {
        while (!_session.Ended && !token.IsCancellationRequested)
        {
            await _names.RefreshAsync(_session, token).ConfigureAwait(false);
            if (await _editor.ReadLine(token).ConfigureAwait(false) is not { } line)
            {
                return;
            }

            Remember(line);
            if (!_splitter.Pending && ShellSession.IsCommand(line))
            {
                await _session.CommandAsync(line, token).ConfigureAwait(false);
                continue;
            }

            foreach (var statement in _splitter.Add(line))
            {
                await _session.StatementAsync(statement, token).ConfigureAwait(false);
            }

            if ((!_session.MultiLine || line.Trim().Length == 0) && _splitter.TakeRest() is { } rest)
            {
                await _session.StatementAsync(rest, token).ConfigureAwait(false);
            }
        }
    }

    private void Remember(string line)
    {
        if (line.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
            _editor.History.Add(line);
        }
    }

    private void ReadHistory()
    {
        try
        {
            if (HistoryMax > 0 && File.Exists(HistoryPath))
            {
                foreach (var line in File.ReadAllLines(HistoryPath).TakeLast(HistoryMax))
                {
                    Remember(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _session.Errors.WriteLine($"{HistoryPath} cannot be read: {e.Message}");
        }
    }

    private void WriteHistory()
    {
        if (HistoryMax == 0)
        {
            return;
        }

        try
        {
            // Statements may hold what only their author is to know.
            var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new StreamWriter(HistoryPath, options);
            foreach (var line in _history.TakeLast(HistoryMax))
            {
                file.WriteLine(line);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _session.Errors.WriteLine($"{HistoryPath} cannot be written: {e.Message}");
        }
    }

    /// <summary>The end of the input, as terminals have it: leaves the shell.</summary>
    private sealed class LeaveCommand : LineEditorCommand
    {
        public override void Execute(LineEditorContext context) => context.Submit(SubmitAction.Cancel);
    }

    private sealed class NamedPrompt(Terminal terminal) : ILineEditorPrompt
    {
        public (Markup Markup, int Margin) GetPrompt(ILineEditorState state, int line)
        {
            var name = terminal._session.Server.Name;
            return (new Markup(Markup.Escape(terminal._splitter.Pending ? new string('.', name.Length) + ">" : name + ">")), 1);
        }
    }

    /// <summary>The words that can be completed.</summary>
    private sealed class Names : ITextCompletion
    {
        private string[] _words = [];
        private bool _asked;

        /// <summary>Asks once for the names of the schema; without an answer only keywords are completed.</summary>
        public async Task RefreshAsync(ShellSession session, CancellationToken token)
        {
            if (_asked)
            {
                return;
            }

            _asked = true;
            try
            {
                const string Query = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!' UNION "
                    + "SELECT c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') LIMIT 10000";
                var answer = await session.Server.AskAsync(
                    HttpMethod.Post, "db/query?level=none", () => new StringContent(JsonSerializer.Serialize<string[]>([Query]), System.Text.Encoding.UTF8, "application/json"),
                    token).ConfigureAwait(false);
                _words = [.. ResultSet.Read(answer).SelectMany(static r => r.Rows).Select(static row => row[0].GetString() ?? "")];
            }
            catch (ShellException)
            {
            }
        }

        public IEnumerable<string>? GetCompletions(string prefix, string word, string suffix)
        {
            if (word.Length == 0)
            {
                return null;
            }

            var lower = char.IsAsciiLetterLower(word[0]);
            IEnumerable<string> words = prefix.Length == 0 && word[0] == '.'
                ? Commands.Names
                : s_keywords.Select(k => lower ? k.ToLowerInvariant() : k).Concat(_words);
            return words.Where(w => w.StartsWith(word, StringComparison.OrdinalIgnoreCase)).Distinct();
        }
    }
}
