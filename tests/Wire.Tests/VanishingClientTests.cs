using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;
using Rqlite.Pg.Wire.Tests.Scripting;
using Xunit.Abstractions;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Clients that vanish at any byte of what they send: nothing of theirs is left, and nobody else is held up.</summary>
[Collection(RunsAlone.Name)]
public sealed class VanishingClientTests(ITestOutputHelper output)
{
    private const int Times = 1000;
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(2);

    private enum Way
    {
        /// <summary>The end of the stream.</summary>
        Close,

        /// <summary>A reset.</summary>
        Reset,

        /// <summary>The end of what it sends; it reads on.</summary>
        HalfClose,
    }

    [Fact]
    public async Task A_thousand_clients_that_vanish_leave_nothing_behind()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var server = NewServer();
        await CreateAsync(server);

        // The first ones warm up caches and pools.
        await VanishAsync(server, random, first: 1, Times / 4);
        var (handles, memory) = await RestAsync(server, seed);
        var most = await VanishAsync(server, random, first: Times, Times);
        var clock = Stopwatch.StartNew();
        long memoryAfter;
        while (true)
        {
            var (handlesAfter, bytes) = await RestAsync(server, seed);
            memoryAfter = bytes;
            if (handlesAfter == handles)
            {
                break;
            }

            Assert.True(clock.Elapsed < s_bound, $"seed {seed}: {handles} handles before, {handlesAfter} after");
            await Task.Delay(20);
        }

        output.WriteLine($"{most} sessions at most; memory {memory >> 10} kB before, {memoryAfter >> 10} kB after");
        Assert.True(memoryAfter - memory < 8 << 20, $"seed {seed}: memory grew from {memory} to {memoryAfter} bytes");
        await using var connection = await server.ConnectAsync();
        await using var halves = new NpgsqlCommand("select count(*) from (select tag from gone group by tag having count(*) <> 2 or tag < 0)", connection);
        Assert.Equal(0L, await halves.ExecuteScalarAsync());
        await using var whole = new NpgsqlCommand("select count(*) from gone", connection);
        output.WriteLine($"{await whole.ExecuteScalarAsync()} rows were committed");
    }

    [Fact]
    public async Task Who_vanishes_while_it_waits_for_the_writer_leaves_the_queue()
    {
        await using var server = NewServer();
        await CreateAsync(server);
        await using var holder = await server.ConnectAsync();
        await ExecuteAsync(holder, "set rqlite.writer_slice = 0");
        await ExecuteAsync(holder, "begin");
        await ExecuteAsync(holder, "insert into gone values (1), (1)");
        foreach (var text in new[]
        {
            "begin; insert into gone values (2)", "insert into gone values (2), (2)", "begin; lock table gone",
            "begin isolation level serializable; select count(*) from gone; delete from gone",
        })
        {
            for (var i = 0; i < 10; i++)
            {
                using var socket = await ConnectAsync(server);
                await socket.SendAsync(Departures.Start().Query(text).Bytes);
                await UntilAsync("it waits", () => server.Database.WritersWaiting == 1);
                Leave(socket, (Way)(i % 2));
                await UntilAsync("it is gone", () => server.Database.WritersWaiting == 0 && server.Listener.Connections == 1);
            }
        }

        Assert.True(server.Database.WriterHeld);
        await ExecuteAsync(holder, "commit");
        await using var count = new NpgsqlCommand("select count(*) from gone where tag <> 1", holder);
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    private static SocketServer NewServer() => new(o => o with { ClientCheckInterval = TimeSpan.FromMilliseconds(20) });

    private static async Task CreateAsync(SocketServer server)
    {
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "create table gone (tag int)");
    }

    private static async Task<int> VanishAsync(SocketServer server, Random random, int first, int times)
    {
        var most = 0;
        for (var i = 0; i < times; i++)
        {
            var messages = Departures.All[i % Departures.All.Count].Messages(first + i).Bytes;
            using var socket = await ConnectAsync(server);
            var sent = random.Next(3) == 0 ? messages.Length : random.Next(messages.Length);
            await socket.SendAsync(messages[..sent]);
            if (random.Next(2) == 0)
            {
                await HearAsync(socket, random);
            }

            Leave(socket, (Way)random.Next(3));
            most = Math.Max(most, server.Listener.Connections);
            if (i % 100 == 99)
            {
                await WriterIsFreeAsync(server);
            }
        }

        return most;
    }

    // Some of what the server has to say; a client that has sent little may have nothing to hear.
    private static async Task HearAsync(Socket socket, Random random)
    {
        using var enough = new CancellationTokenSource(random.Next(1, 20));
        var bytes = new byte[random.Next(1, 1 << 16)];
        try
        {
            while (await socket.ReceiveAsync(bytes, enough.Token) > 0)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // It leaves now.
        }
    }

    private static void Leave(Socket socket, Way way)
    {
        if (way == Way.HalfClose)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        else
        {
            socket.LingerState = new LingerOption(way == Way.Reset, 0);
            socket.Close();
        }
    }

    private static async Task WriterIsFreeAsync(SocketServer server)
    {
        await using var connection = await server.ConnectAsync();
        await ExecuteAsync(connection, "begin");
        await ExecuteAsync(connection, "insert into gone values (0)").WaitAsync(s_bound);
        await ExecuteAsync(connection, "rollback");
    }

    /// <summary>Waits until no session, reader or turn of the writer is left; tells the open handles but for the database's files, and the memory.</summary>
    private static async Task<(int Handles, long Memory)> RestAsync(SocketServer server, int seed)
    {
        await WriterIsFreeAsync(server);
        await UntilAsync($"seed {seed}: all sessions have ended", () => server.Listener.Connections == 0);
        await UntilAsync($"seed {seed}: nobody has the writer, nobody waits", () => !server.Database.WriterHeld && server.Database.WritersWaiting == 0);
        await UntilAsync($"seed {seed}: all readers are back", () => server.Database.ReadersInUse == 0);
        return (Handles(server.Database.Folder), GC.GetTotalMemory(forceFullCollection: true));
    }

    private static int Handles(string except)
    {
        var count = 0;
        foreach (var handle in Directory.EnumerateFiles("/proc/self/fd"))
        {
            // The one of this listing is gone again when it is looked at.
            var target = new FileInfo(handle).LinkTarget;
            count += target is null || target.StartsWith(except, StringComparison.Ordinal) ? 0 : 1;
        }

        return count;
    }

    private static async Task UntilAsync(string what, Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < s_bound, what);
            await Task.Delay(5);
        }
    }

    private static async Task<Socket> ConnectAsync(SocketServer server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 << 10 };
        await socket.ConnectAsync(server.Listener.EndPoint);
        return socket;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
