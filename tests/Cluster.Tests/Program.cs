using Rqlite.Pg.Cluster.Tests;

// The test runner loads this assembly as a library. Started as a program it is the process that a test kills.
return args is ["writer", var directory] ? await WriterChild.RunAsync(directory) : await FollowerChild.RunAsync(args[0]);
