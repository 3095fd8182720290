using System.Buffers;
using System.Net;
using System.Text;
using Rqlite.Pg.Wire.Tests.Postgres;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>Clients that speak LATIN1: bytes in and out, as PostgreSQL 15 has them.</summary>
public sealed class EncodingTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    private static readonly byte[] s_umlaut = [0xe4];

    [Fact]
    public async Task PostgreSQL_converts_as_expected_here()
    {
        if (!postgres.Available)
        {
            return;
        }

        await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, postgres.Port));
        await ConverseAsync(client);
    }

    [Fact]
    public async Task We_convert_in_both_directions()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await ConverseAsync(client);
    }

    [Fact]
    public async Task A_notification_and_a_column_s_name_have_the_client_s_encoding()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start("latin1").Bytes);
        await client.ReadUntilReadyAsync(1);
        await QueryAsync(client, "listen c");
        var frames = await QueryAsync(client, "notify c, '\u00e4'");
        Assert.Equal("6300E400", Convert.ToHexString(frames.Single(f => f.Code == 'A').Body[4..]));
        frames = await QueryAsync(client, "select 1 as \"\u00e4\"");
        Assert.Equal(s_umlaut, frames.Single(f => f.Code == 'T').Body[2..3]);
        await client.EndAsync();
    }

    [Fact]
    public async Task SQL_ASCII_passes_bytes_that_are_UTF_8()
    {
        await using var server = new MemoryServer();
        await using var client = server.Connect();
        await client.SendAsync(Start("sql_ascii").Query("select 'ä€' as v").Raw([(byte)'Q', 0, 0, 0, 7, 0xe4, 0x20, 0]).Terminate().Bytes);
        var frames = await client.ReadUntilClosedAsync();
        Assert.Contains("S client_encoding=SQL_ASCII", frames.Select(f => f.ToString()));
        Assert.Equal("ä€"u8.ToArray(), frames.Single(f => f.Code == 'D').RawValues().Single());
        Assert.Equal("22021", frames.Single(f => f.Code == 'E').Field('C'));
    }

    private static async Task ConverseAsync(WireClient client)
    {
        await client.SendAsync(Start("latin1").Bytes);
        Assert.Contains("S client_encoding=LATIN1", (await client.ReadUntilReadyAsync(1)).Select(f => f.ToString()));

        // A text in a statement, and the same out again; in the database it is one character of two bytes.
        await QueryAsync(client, "create table t (v text, b bytea)");
        await QueryAsync(client, "insert into t values ('\u00e4', 'x')");
        var frames = await QueryAsync(client, "select v, length(v) as n from t");
        Assert.Equal([s_umlaut, "1"u8.ToArray()], frames.Single(f => f.Code == 'D').RawValues());

        // Parameters and results in both formats; the binary format of a text is one too, that of bytea is not.
        await client.SendAsync(new ClientMessages()
            .Parse("s", "select $1::text as t, $2::bytea as b", 25, 17)
            .Bind("", "s", [1, 1], [s_umlaut, s_umlaut], 1, 1).Execute().Sync()
            .Bind("", "s", [0, 1], [s_umlaut, s_umlaut], 0, 1).Execute().Sync().Bytes);
        frames = await client.ReadUntilReadyAsync(2);
        Assert.All(frames.Where(f => f.Code == 'D'), f => Assert.Equal([s_umlaut, s_umlaut], f.RawValues()));
        Assert.Equal(2, frames.Count(f => f.Code == 'D'));

        // A COPY, and an error that names what the client sent.
        frames = await QueryAsync(client, "copy (select v from t) to stdout");
        Assert.Equal([0xe4, (byte)'\n'], frames.Single(f => f.Code == 'd').Body);
        frames = await QueryAsync(client, "select * from \"\u00e4\"");
        var error = frames.Single(f => f.Code == 'E');
        Assert.Equal("42P01", error.Field('C'));
        Assert.Contains((byte)0xe4, error.Body);

        // A character that the encoding does not have.
        await QueryAsync(client, "set client_encoding = 'UTF8'");
        await client.SendAsync(new ClientMessages().Query("insert into t values ('\u20ac', null)").Bytes);
        await client.ReadUntilReadyAsync(1);
        await QueryAsync(client, "set client_encoding = 'LATIN1'");
        frames = await QueryAsync(client, "select v from t where b is null");
        error = frames.Single(f => f.Code == 'E');
        Assert.Equal(
            ("22P05", "character with byte sequence 0xe2 0x82 0xac in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\""),
            (error.Field('C'), error.Field('M')));
        Assert.DoesNotContain(frames, f => f.Code == 'D');

        // The encoding returns with a transaction.
        await QueryAsync(client, "begin");
        await QueryAsync(client, "set client_encoding = 'UTF8'");
        frames = await QueryAsync(client, "select v from t where b is not null");
        Assert.Equal("ä"u8.ToArray(), frames.Single(f => f.Code == 'D').RawValues().Single());
        frames = await QueryAsync(client, "rollback");
        Assert.Contains("S client_encoding=LATIN1", frames.Select(f => f.ToString()));
        frames = await QueryAsync(client, "select v from t where b is not null");
        Assert.Equal(s_umlaut, frames.Single(f => f.Code == 'D').RawValues().Single());
        await client.SendAsync(new ClientMessages().Terminate().Bytes);
        await client.ReadUntilClosedAsync();
    }

    private static ClientMessages Start(string encoding) =>
        new ClientMessages().Startup(196608, ("user", "postgres"), ("database", "postgres"), ("client_encoding", encoding));

    private static async Task<List<ServerFrame>> QueryAsync(WireClient client, string sql)
    {
        var text = Encoding.Latin1.GetBytes(sql);
        await client.SendAsync(new ClientMessages().Frame('Q', body => body.Write<byte>([.. text, 0])).Bytes);
        return await client.ReadUntilReadyAsync(1);
    }
}
