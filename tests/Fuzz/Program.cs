using System.Globalization;
using Rqlite.Pg.Fuzz;

// Fuzz [--target name] [--seconds 30] [--seed N] [--input HEX]
var names = new Dictionary<string, string>();
for (var i = 0; i + 1 < args.Length; i += 2)
{
    names[args[i]] = args[i + 1];
}

if (args.Length % 2 != 0 || names.Keys.Any(n => n is not ("--target" or "--seconds" or "--seed" or "--input")))
{
    Console.Error.WriteLine("Fuzz [--target name] [--seconds 30] [--seed N] [--input HEX]");
    return 2;
}

var seconds = double.Parse(names.GetValueOrDefault("--seconds", "30"), CultureInfo.InvariantCulture);
var seed = int.Parse(names.GetValueOrDefault("--seed", $"{Environment.TickCount & 0xFFFFFF}"), CultureInfo.InvariantCulture);
var failed = 0;
foreach (var target in AllTargets.Create().Where(t => !names.TryGetValue("--target", out var only) || only == t.Name))
{
    try
    {
        if (names.TryGetValue("--input", out var input))
        {
            await Campaign.OneAsync(target, Convert.FromHexString(input), "given");
            Console.WriteLine($"{target.Name}: taken well");
            continue;
        }

        var count = await Campaign.RunAsync(target, seed, TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"{target.Name}: {count} inputs from seed {seed}, nothing found");
    }
    catch (FuzzFindingException e)
    {
        failed++;
        Console.WriteLine($"{e.Message}\n{e.InnerException}");
    }
}

return failed == 0 ? 0 : 1;
