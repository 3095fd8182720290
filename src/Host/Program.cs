using Rqlite.Pg.Host;

// Read once, at the first use of a socket: completions run on the socket engine's threads, without a hop to the pool.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

// Whatever makes a file makes it for this user alone.
OwnFiles.Restrict();

return await Flags.RunAsync(args, Composition.RunAsync).ConfigureAwait(false);
