using Rqlite.Pg.Chaos;

// Nodes under load over HTTP and PostgreSQL while they are killed, paused, cut off, wiped, added and removed at random.
if (ChaosOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(ChaosOptions.Usage);
    return 2;
}

Console.WriteLine($"seed {options.Seed}");
return options.Control switch
{
    null => await new Campaign(options).RunAsync(),
    "control" => await FlushControl.RunAsync(options),
    _ => await WeakControl.RunAsync(options),
};
