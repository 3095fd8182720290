using System.Globalization;
using Rqlite.Pg.Storage.Tests;

// The test runner loads this assembly as a library. Started as a program it is the process that a test kills or, with
// "measure-copy <directory> <megabytes>", it prints what copying and installing a database of that size costs; with
// "determinism <directory> <entries> <seed>" it is one more node of that test.
if (args is ["measure-copy", var directory, var megabytes])
{
    await CopyMeasurement.RunAsync(directory, int.Parse(megabytes, CultureInfo.InvariantCulture));
    return 0;
}

if (args is ["determinism", var folder, var entries, var seed])
{
    await DeterminismTests.RunChildAsync(folder, int.Parse(entries, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture));
    return 0;
}

return await CrashChild.RunAsync(args[0]);
