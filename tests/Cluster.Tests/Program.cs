using Rqlite.Pg.Cluster.Tests;
using Rqlite.Pg.Cluster.Tests.Data;

// The test runner loads this assembly as a library. Started as a program it is the process that a test kills.
return args switch
{
    ["writer", var directory] => await WriterChild.RunAsync(directory),
    ["groups", var directory, var life, var members] => await GroupChild.RunAsync(directory, life, members),
    ["measure", var directory] => await WriterChild.MeasureAsync(directory),
    _ => await FollowerChild.RunAsync(args[0]),
};
