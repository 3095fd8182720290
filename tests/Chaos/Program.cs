using Rqlite.Pg.Chaos;

// Three nodes under load over HTTP and PostgreSQL while they are killed, paused, wiped, added and removed at random.
if (ChaosOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(ChaosOptions.Usage);
    return 2;
}

Console.WriteLine($"seed {options.Seed}");
return options.Control ? await FlushControl.RunAsync(options) : await Campaign.RunAsync(options);
