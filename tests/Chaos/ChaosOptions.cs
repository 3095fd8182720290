using System.Globalization;

namespace Rqlite.Pg.Chaos;

/// <summary>How long, and from which seed.</summary>
internal sealed record ChaosOptions(double Minutes, int Seed, bool Control, int EpochSeconds)
{
    public const string Usage =
        "Chaos [--minutes 2] [--seed N] [--epoch-seconds 40]   random faults, checked after every epoch\n" +
        "Chaos --control [--minutes 10]                        takes the flush out of the log and must see acknowledged writes lost";

    public static ChaosOptions? Parse(string[] arguments)
    {
        var options = new ChaosOptions(2, Environment.TickCount & 0xFFFFFF, false, 40);
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--control":
                    options = options with { Control = true };
                    continue;
                case "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes):
                    options = options with { Minutes = minutes };
                    break;
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed):
                    options = options with { Seed = seed };
                    break;
                case "--epoch-seconds" when int.TryParse(value, CultureInfo.InvariantCulture, out var seconds):
                    options = options with { EpochSeconds = seconds };
                    break;
                default:
                    return null;
            }

            i++;
        }

        return options;
    }
}
