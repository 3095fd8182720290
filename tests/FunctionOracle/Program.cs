using Rqlite.Pg.FunctionOracle;

// Records what a PostgreSQL 15 answers to calls of the functions that are implemented:
// dotnet run --project tests/FunctionOracle -- "Host=…;Username=postgres;Database=…" tests/Dialect.Tests/Data [family…]
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: FunctionOracle <connection string> <folder> [family…]");
    return 2;
}

await using var recorder = await Recorder.OpenAsync(args[0]);
foreach (var family in FunctionCases.Families.Where(f => args.Length == 2 || args.Skip(2).Contains(f)))
{
    var cases = FunctionCases.Of(family).ToList();
    if (cases.Count > 0)
    {
        var count = await recorder.RecordAsync(Path.Combine(args[1], $"functions-{family}.tsv"), cases);
        Console.WriteLine($"{family}: {count} rows");
    }
}

return 0;
