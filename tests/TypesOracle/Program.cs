using Rqlite.Pg.TypesOracle;

// Records what a PostgreSQL 15 answers: dotnet run --project tests/TypesOracle -- "Host=…;Username=postgres" tests/Types.Tests/Data [family…]
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: TypesOracle <connection string> <folder> [family…]");
    return 2;
}

await using var recorder = await Recorder.OpenAsync(args[0]);
foreach (var (family, cases) in Families.All)
{
    if (args.Length > 2 && !args.Skip(2).Contains(family))
    {
        continue;
    }

    var count = await recorder.RecordAsync(Path.Combine(args[1], family + ".tsv"), cases(new Random(20_261_129)));
    Console.WriteLine($"{family}: {count} rows");
}

return 0;
