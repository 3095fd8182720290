using System.Globalization;

namespace Rqlite.Pg.Abuse;

/// <summary>What to run.</summary>
internal sealed record AbuseOptions
{
    public const string Usage = """
        Abuse [options]: misuses three nodes in every way that the table of cases has, through every door, while others work with them;
        exit code 1 if anything is wrong
          --list            prints the cases and the doors, and ends
          --case A,B        cases or groups of them by name, or by the beginning of a name and a star (all)
          --door A,B        doors, such as simple or simple@follower (all)
          --short           the bounded part that the tests run
          --time N          begins no case after so many seconds; what is left out is named
          --seed N          of the other clients, and of the order of the cases
          --limit N         the nodes' limit for a write in milliseconds (1500); that for a read is twice as long
          --patience N      seconds that a client waits for an answer, and the others for theirs afterwards (40)
          --memory N        megabytes beyond which a node is killed, and the case has failed (3000)
          --out FOLDER      where the logs of failed cases go
        """;

    public bool List { get; init; }

    public bool Short { get; init; }

    public IReadOnlyList<string> Cases { get; init; } = [];

    public IReadOnlyList<string> Doors { get; init; } = [];

    public TimeSpan? Time { get; init; }

    public int Seed { get; init; } = Environment.TickCount & 0xFFFFFF;

    public TimeSpan Limit { get; init; } = TimeSpan.FromMilliseconds(1500);

    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(40);

    public long MemoryMax { get; init; } = 3000L << 20;

    public string Out { get; init; } = Path.Combine(Path.GetTempPath(), "rqlited-abuse");

    public static AbuseOptions? Parse(string[] arguments)
    {
        var options = new AbuseOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "--list" or "--short")
            {
                options = arguments[i] == "--list" ? options with { List = true } : options with { Short = true };
                continue;
            }

            if (++i == arguments.Length || options.With(arguments[i - 1], arguments[i]) is not { } next)
            {
                return null;
            }

            options = next;
        }

        return options;
    }

    public bool Takes(AbuseCase @case) => (!Short || @case.Short) && (Cases.Count == 0 || Cases.Any(c =>
        (c.EndsWith('*') && @case.Name.StartsWith(c[..^1], StringComparison.Ordinal)) || c == @case.Name
        || string.Equals(@case.Group.ToString(), c, StringComparison.OrdinalIgnoreCase)));

    /// <summary>A door by its whole name on either node, or on one of them.</summary>
    public bool Takes(Door door, bool leader) => Doors.Count == 0 || Doors.Any(d => d == door.Name || d == Name(door, leader));

    public static string Name(Door door, bool leader) => $"{door.Name}@{(leader ? "leader" : "follower")}";

    private AbuseOptions? With(string name, string value)
    {
        var isNumber = double.TryParse(value, CultureInfo.InvariantCulture, out var number);
        return name switch
        {
            "--case" => this with { Cases = value.Split(',') },
            "--door" => this with { Doors = value.Split(',') },
            "--time" when isNumber => this with { Time = TimeSpan.FromSeconds(number) },
            "--seed" when isNumber => this with { Seed = (int)number },
            "--limit" when isNumber => this with { Limit = TimeSpan.FromMilliseconds(number) },
            "--patience" when isNumber => this with { Patience = TimeSpan.FromSeconds(number) },
            "--memory" when isNumber => this with { MemoryMax = (long)number << 20 },
            "--out" => this with { Out = value },
            _ => null,
        };
    }
}
