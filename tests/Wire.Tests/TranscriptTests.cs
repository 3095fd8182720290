using System.Net;
using Rqlite.Pg.Support;
using Rqlite.Pg.Wire.Tests.Postgres;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>
/// The same messages to PostgreSQL 15 and to us. The answers in the tree are PostgreSQL's; REWRITE_TRANSCRIPTS=1 takes them down anew.
/// </summary>
public sealed class TranscriptTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    public static TheoryData<string> All => [.. Transcript.Names];

    [Theory]
    [MemberData(nameof(All))]
    public async Task PostgreSQL_answers_as_recorded(string name)
    {
        if (!postgres.Available)
        {
            return;
        }

        var transcript = Transcript.Load(name);
        var database = "t_" + name;
        await using (var admin = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, postgres.Port)))
        {
            await admin.SendAsync(new ClientMessages()
                .Startup(196608, ("user", "postgres"), ("database", "postgres")).Query($"create database {database}").Bytes);
            await admin.ReadUntilReadyAsync(2);
        }

        await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, postgres.Port));
        var answers = await Conversation.RunAsync(transcript, client, line => line.Replace("database=postgres", "database=" + database, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("REWRITE_TRANSCRIPTS") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".pgwire"), transcript.Text(answers));
            return;
        }

        Assert.Equal(transcript.Text(transcript.Blocks.Select(b => b.Answers)), transcript.Text(answers));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task We_answer_as_PostgreSQL_does(string name)
    {
        var transcript = Transcript.Load(name);
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        var answers = await Conversation.RunAsync(transcript, client, line => line);
        if (Environment.GetEnvironmentVariable("ACTUAL_TRANSCRIPTS") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".pgwire"), transcript.Text(answers));
        }

        Assert.Equal(transcript.Text(transcript.Blocks.Select(b => b.Own.Count > 0 ? b.Own : b.Answers)), transcript.Text(answers));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task One_byte_at_a_time_changes_nothing(string name)
    {
        var bytes = Conversation.AllBytes(Transcript.Load(name));
        Assert.Equal(await ConverseAsync(bytes, [bytes.Length]), await ConverseAsync(bytes, Enumerable.Repeat(1, bytes.Length)));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Cuts_at_random_places_change_nothing(string name)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var bytes = Conversation.AllBytes(Transcript.Load(name));
        var whole = await ConverseAsync(bytes, [bytes.Length]);
        for (var round = 0; round < 10; round++)
        {
            var cuts = new List<int>();
            for (var left = bytes.Length; left > 0; left -= cuts[^1])
            {
                cuts.Add(Math.Min(left, random.Next(1, 1 << random.Next(1, 10))));
            }

            var answer = await ConverseAsync(bytes, cuts);
            Assert.True(whole == answer, $"Seed {seed}, round {round}:\n{answer}");
        }
    }

    private static async Task<string> ConverseAsync(byte[] bytes, IEnumerable<int> cuts)
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        var reading = client.ReadUntilClosedAsync();
        var at = 0;
        foreach (var cut in cuts)
        {
            await client.SendAsync(bytes.AsMemory(at, cut));
            at += cut;
        }

        return string.Join('\n', await reading);
    }
}
