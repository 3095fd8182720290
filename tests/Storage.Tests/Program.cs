using Rqlite.Pg.Storage.Tests;

// The test runner loads this assembly as a library; started as a program it is the process that a test kills.
return await CrashChild.RunAsync(args[0]);
