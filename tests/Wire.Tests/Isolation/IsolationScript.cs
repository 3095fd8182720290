namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>
/// Sessions with named steps, and the orders in which these are played. Behind each order stand the outcomes: <c>&lt;</c> is
/// PostgreSQL's, <c>!</c> is ours where it is meant to differ, and then a comment in front of it says why. <c>at</c> names the
/// isolation level that stands for <c>{level}</c>; <c>on one node</c>, with a comment in front of it that says why, is an order for which
/// several nodes have no one outcome.
/// </summary>
internal sealed class IsolationScript
{
    private readonly string[] _lines;

    private IsolationScript(string[] lines) => _lines = lines;

    public List<string> Setup { get; } = [];

    public List<string> Sessions { get; } = [];

    /// <summary>SQL by <c>session.step</c>.</summary>
    public Dictionary<string, string> Steps { get; } = [];

    public string? Check { get; private set; }

    public List<Outcome> Outcomes { get; } = [];

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Isolation", "Scripts");

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Folder, "*.isolation").Select(p => Path.GetFileNameWithoutExtension(p)!).Order(StringComparer.Ordinal);

    public static IsolationScript Load(string name) => Parse(File.ReadAllLines(Path.Combine(Folder, name + ".isolation")));

    /// <summary>The script with outcomes taken down anew: PostgreSQL's, or ours where they are others.</summary>
    public string Text(char mark, IReadOnlyList<IReadOnlyList<string>> outcomes)
    {
        var text = new List<string>();
        var at = Outcomes.ToDictionary(o => o.EndLine, o => outcomes[Outcomes.IndexOf(o)]);
        for (var i = 0; i <= _lines.Length; i++)
        {
            if (at.TryGetValue(i, out var lines))
            {
                text.AddRange(lines.Select(l => $"{mark} {l}"));
            }

            if (i < _lines.Length && !_lines[i].StartsWith(mark))
            {
                text.Add(_lines[i]);
            }
        }

        return string.Join('\n', text) + "\n";
    }

    private static IsolationScript Parse(string[] lines)
    {
        var script = new IsolationScript(lines);
        var section = "";
        string[] order = [];
        Outcome? outcome = null;
        List<string>? reasons = null;
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            var (word, rest) = Cut(line.Trim());
            if (line.StartsWith("< ", StringComparison.Ordinal))
            {
                outcome!.Answers.Add(line[2..]);
                outcome.EndLine = outcome.Own.Count > 0 ? outcome.EndLine : i + 1;
            }
            else if (line.StartsWith("! ", StringComparison.Ordinal))
            {
                outcome!.Own.Add(line[2..]);
            }
            else if (line.StartsWith('#'))
            {
                reasons?.Add(line);
            }
            else if (line.Length == 0)
            {
                // A comment behind a blank line speaks of what follows it.
                reasons = null;
            }
            else if (line.StartsWith(' '))
            {
                script.Add(section, word, rest, line.Trim());
            }
            else if (word == "permutation")
            {
                order = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                script.Outcomes.Add(outcome = new(order, "read committed") { EndLine = i + 1 });
                reasons = outcome.Reasons;
            }
            else if (line == "on one node")
            {
                outcome!.OnOneNode = true;
            }
            else if (word == "at")
            {
                if (outcome is { Answers.Count: 0 } && lines[outcome.EndLine - 1].StartsWith("permutation", StringComparison.Ordinal))
                {
                    script.Outcomes.Remove(outcome);
                }

                script.Outcomes.Add(outcome = new(order, rest) { EndLine = i + 1 });
                reasons = outcome.Reasons;
            }
            else if (word == "check")
            {
                script.Check = rest;
            }
            else if (word == "session")
            {
                section = rest;
                script.Sessions.Add(rest);
            }
            else
            {
                section = word == "setup" ? "setup" : throw new FormatException($"What is '{line}'?");
            }
        }

        return script;
    }

    private void Add(string section, string word, string rest, string line)
    {
        if (section == "setup")
        {
            Setup.Add(line);
        }
        else
        {
            Steps.Add($"{section}.{word}", rest);
        }
    }

    private static (string Word, string Tail) Cut(string line)
    {
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (line, "") : (line[..space], line[space..].Trim());
    }

    /// <summary>What an order of steps leads to at one level.</summary>
    internal sealed class Outcome(IReadOnlyList<string> order, string level)
    {
        public IReadOnlyList<string> Order { get; } = order;

        public string Level { get; } = level;

        public List<string> Answers { get; } = [];

        public List<string> Own { get; } = [];

        public List<string> Reasons { get; } = [];

        public bool OnOneNode { get; set; }

        /// <summary>Behind the last line of <see cref="Answers"/>.</summary>
        public int EndLine { get; set; }

        public override string ToString() => $"{string.Join(' ', Order)} at {Level}";
    }
}
