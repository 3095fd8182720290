using Rqlite.Pg.Cluster.Tests;

// The test runner loads this assembly as a library. Started as a program it is the follower that a test kills.
return await FollowerChild.RunAsync(args[0]);
