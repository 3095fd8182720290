using Rqlite.Pg.ResolutionOracle;

// Records how a PostgreSQL 15 resolves expressions:
// dotnet run --project tests/ResolutionOracle -- "Host=…;Username=postgres" tests/Dialect.Tests/Resolution/Data [family…] [--all]
// or what it answers to the statements of lowering.sql, to which new ones are added at the end:
// dotnet run --project tests/ResolutionOracle -- "Host=…;Username=postgres" tests/Dialect.Tests/Data lowering
if (args.Length < 2)
{
    Console.Error.WriteLine("usage: ResolutionOracle <connection string> <folder> [family…] [--all]");
    return 2;
}

if (args.Length > 2 && args[2] == "lowering")
{
    Console.WriteLine($"lowering: {await LoweringScript.RecordAsync(args[0], args[1])} rows");
    return 0;
}

var all = args.Contains("--all");
var chosen = args.Skip(2).Where(argument => argument != "--all").ToArray();
await using var recorder = await Recorder.OpenAsync(args[0]);
var families = new Families(await Catalog.ReadAsync(recorder), new Random(20_261_129), all);
foreach (var (family, questions) in families.All)
{
    if (chosen.Length > 0 && !chosen.Contains(family))
    {
        continue;
    }

    var count = await recorder.RecordAsync(Path.Combine(args[1], family + ".tsv"), questions());
    Console.WriteLine($"{family}: {count} rows");
}

return 0;
