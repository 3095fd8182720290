using System.Globalization;
using Rqlite.Pg.Harness.Faults;

namespace Rqlite.Pg.Chaos;

/// <summary>What to run: how long, from which seed, which workloads under which faults.</summary>
internal sealed record ChaosOptions
{
    public const string Usage = """
        Chaos [options]: nodes under load and faults, checked after every epoch; exit code 1 if anything is wrong
          --seconds N | --minutes N   how long (120 s)
          --epoch-seconds N           length of an epoch (40)
          --seed N                    of the faults and the clients' choices
          --nodes N                   voters (3)
          --clients N                 clients of each workload (2)
          --workloads A,B             lists-pg lists-http bank-pg bank-http registers sessions snapshots comments retries blocks
                                      notify sequences locks vanish poison hoard abandon ids (all)
          --faults A,B                KillLeader Kill KillAll PauseLeader Pause Away Wipe Stop Members StepDown
                                      Isolate Partition OneWay Reset; or Processes, Network, All (All), None
          --snap N                    entries between two cuts of the log (200): few, so that nodes need copies
          --out FOLDER                where the history and the logs of a failed run go
        Controls, which must find something, else exit code 1:
          --control                   takes the flush out of the log: acknowledged writes must be lost
          --control-reads             takes reads of the level none for linearizable: stale reads must be seen
          --control-isolation         takes READ COMMITTED for serializable: a cycle must be seen
        """;

    public double Seconds { get; init; } = 120;

    public int EpochSeconds { get; init; } = 40;

    public int Seed { get; init; } = Environment.TickCount & 0xFFFFFF;

    public int Nodes { get; init; } = 3;

    public int Clients { get; init; } = 2;

    public int Snap { get; init; } = 200;

    public IReadOnlyList<string> Workloads { get; init; } = WorkloadTable.Names;

    public FaultKinds Faults { get; init; } = FaultKinds.All;

    public string Out { get; init; } = Path.Combine(Path.GetTempPath(), "rqlited-chaos");

    /// <summary>The name of a control, or none.</summary>
    public string? Control { get; init; }

    public static ChaosOptions? Parse(string[] arguments)
    {
        var options = new ChaosOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is "--control" or "--control-reads" or "--control-isolation")
            {
                options = options with { Control = arguments[i][2..] };
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

    private ChaosOptions? With(string name, string value)
    {
        var isNumber = double.TryParse(value, CultureInfo.InvariantCulture, out var number);
        return name switch
        {
            "--seconds" when isNumber => this with { Seconds = number },
            "--minutes" when isNumber => this with { Seconds = number * 60 },
            "--epoch-seconds" when isNumber => this with { EpochSeconds = (int)number },
            "--seed" when isNumber => this with { Seed = (int)number },
            "--nodes" when isNumber => this with { Nodes = (int)number },
            "--clients" when isNumber => this with { Clients = (int)number },
            "--snap" when isNumber => this with { Snap = (int)number },
            "--workloads" when value.Split(',').All(WorkloadTable.Names.Contains) => this with { Workloads = value.Split(',') },
            "--faults" when Enum.TryParse<FaultKinds>(value, ignoreCase: true, out var kinds) => this with { Faults = kinds },
            "--out" => this with { Out = value },
            _ => null,
        };
    }
}
