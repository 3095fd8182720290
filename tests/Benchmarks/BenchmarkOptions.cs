using System.Globalization;

namespace Rqlite.Pg.Benchmarks;

/// <summary>What to measure, and for how long.</summary>
internal sealed record BenchmarkOptions
{
    public static readonly IReadOnlyDictionary<string, string> AllSections = new Dictionary<string, string>
    {
        ["reads"] = "point reads by primary key with pgbench",
        ["inserts"] = "autocommit inserts with pgbench",
        ["tpcb"] = "pgbench's TPC-B-like transaction, one and three nodes, and single writes beside it",
        ["http"] = "single-row inserts over HTTP, one and three nodes",
        ["scan"] = "one million rows through psql and through a bare socket",
        ["queries"] = "twenty queries of decision support, rows compared",
        ["catalog"] = "\\d over 1,000 tables, and new connections",
        ["idle"] = "memory of an idle node and of an idle connection",
    };

    public IReadOnlyList<string> Sections { get; init; } = [.. AllSections.Keys];

    public int Seconds { get; init; } = 3;

    public int Rounds { get; init; } = 3;

    public int Rows { get; init; } = 200_000;

    /// <summary>pgbench's scale of the tpcb section.</summary>
    public int Scale { get; init; } = 10;

    /// <summary>Thousandths of TPC-H's unit, for the section queries.</summary>
    public int QueryScale { get; init; } = 100;

    public int ScanRows { get; init; } = 1_000_000;

    public IReadOnlyList<int> Clients { get; init; } = [];

    /// <summary>The program of another build of this project, to be measured in turn with this one.</summary>
    public string? Beside { get; init; }

    public static BenchmarkOptions? Parse(string[] arguments)
    {
        var options = new BenchmarkOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                return null;
            }

            var value = arguments[i + 1];
            switch (arguments[i])
            {
                case "--sections":
                    options = options with { Sections = value.Split(',') };
                    break;
                case "--seconds":
                    options = options with { Seconds = Number(value) };
                    break;
                case "--rounds":
                    options = options with { Rounds = Number(value) };
                    break;
                case "--rows":
                    options = options with { Rows = Number(value) };
                    break;
                case "--scale":
                    options = options with { Scale = Number(value) };
                    break;
                case "--query-scale":
                    options = options with { QueryScale = Number(value) };
                    break;
                case "--scan-rows":
                    options = options with { ScanRows = Number(value) };
                    break;
                case "--clients":
                    options = options with { Clients = [.. value.Split(',').Select(Number)] };
                    break;
                case "--beside":
                    options = options with { Beside = value };
                    break;
                default:
                    return null;
            }
        }

        return options.Sections.All(AllSections.ContainsKey) ? options : null;
    }

    public static string Usage =>
        "Benchmarks [--sections a,b] [--seconds 3] [--rounds 3] [--rows 200000] [--scan-rows 1000000] [--query-scale 100] [--scale 10] [--clients 1,8] [--beside RQLITED]\nSections:\n" +
        string.Join('\n', AllSections.Select(s => $"  {s.Key,-8} {s.Value}"));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
