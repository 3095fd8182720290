using Rqlite.Pg.Abuse;

// Three nodes that are misused while others work with them: nothing that is sent may end a node, lose a write or keep others waiting for long.
if (AbuseOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine(AbuseOptions.Usage);
    return 2;
}

if (options.List)
{
    foreach (var @case in CaseTable.All.Where(options.Takes))
    {
        var doors = @case is SqlCase sql ? string.Join(' ', sql.Doors.Select(static d => d.Name)) : "a program of its own";
        Console.WriteLine($"{@case.Group,-11} {@case.Name,-26} {(@case.Short ? "short" : "     ")} {doors}");
    }

    return 0;
}

Console.WriteLine($"seed {options.Seed}");
return await new Runner(options).RunAsync();
