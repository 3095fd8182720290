using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>A conversation of every kind of message, cut in two at each of its bytes: where a segment ends must not matter.</summary>
public sealed class CutTests
{
    [Fact]
    public async Task A_cut_at_every_byte_changes_nothing()
    {
        var bytes = new ClientMessages()
            .Startup(196608, ("user", "u"), ("application_name", "é"))
            .Query("select 1 as one, 'zwei' as two; select 3 as three")
            .Parse("p", "select $1::int + 1 as n, $2 as t")
            .Bind("", "p", "41", "ü")
            .Describe('P', "")
            .Execute("")
            .Sync()
            .Query("select nothing")
            .Parse("", "selekt")
            .Execute("")
            .Sync()
            .Terminate()
            .Bytes;
        await using var server = new MemoryServer();
        var whole = await ConverseAsync(server, bytes, bytes.Length);
        Assert.Contains("D 42", whole, StringComparison.Ordinal);
        for (var cut = 1; cut < bytes.Length; cut++)
        {
            var answer = await ConverseAsync(server, bytes, cut);
            Assert.True(whole == answer, $"Cut behind byte {cut}:\n{answer}");
        }
    }

    private static async Task<string> ConverseAsync(MemoryServer server, ReadOnlyMemory<byte> bytes, int cut)
    {
        await using var client = server.Connect();
        var reading = ReadAsync(client);
        await client.SendAsync(bytes[..cut]);
        await Task.Yield();
        await client.SendAsync(bytes[cut..]);
        return await reading;
    }

    private static async Task<string> ReadAsync(WireClient client)
    {
        // The key differs from session to session.
        return string.Join('\n', (await client.ReadUntilClosedAsync()).Where(f => f.Code != 'K'));
    }
}
