using Rqlite.Pg.Cluster.Tests;

// The test runner loads this assembly as a library. Started as a program it is the process that a test kills.
return args switch
{
    ["writer", var directory] => await WriterChild.RunAsync(directory),
    ["measure", var directory] => await WriterChild.MeasureAsync(directory),
    _ => await FollowerChild.RunAsync(args[0]),
};
