namespace Rqlite.Pg.Storage.Tests;

public class RowEncodingTests
{
    [Fact]
    public async Task Rows_read_from_pieces_are_those_that_were_written()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a INTEGER, b TEXT)");
        var results = new CommandResult?[1];
        var command = TestDatabase.Command(
            BatchOptions.None, "INSERT INTO t VALUES(1,'x'),(NULL,'é'),(3,x'00ff'),(2.5,'') RETURNING b AS c, a", "bad", "SELECT a FROM t", "DELETE FROM t");
        db.Database.Writer.Apply(db.NextStamp(), [command], results);
        string[] expected = ["x|1;é|NULL;x'00FF'|3;|2.5", "1: near \"bad\": syntax error", "1;NULL;3;2.5", "changed 4, last 4"];
        Assert.Equal(expected, await TestDatabase.ResultsAsync(results[0]!));

        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            var pieces = Cut(results[0]!.Encoded, random);
            var next = 0;
            var encoded = new EncodedResults(_ => new ValueTask<ReadOnlyMemory<byte>?>(next < pieces.Count ? pieces[next++] : null));
            for (var i = 0; i < expected.Length; i++)
            {
                var cursor = (await encoded.NextAsync(default))!;

                // What is not read is skipped.
                if (random.Next(3) > 0)
                {
                    Assert.True(expected[i] == await TestDatabase.TextAsync(cursor), $"seed {seed}");
                }
            }

            Assert.Null(await encoded.NextAsync(default));
        }
    }

    [Fact]
    public async Task An_error_that_an_earlier_version_has_kept_has_the_state_that_its_code_stood_for()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        RowEncoding.WriteSchema(output, RowSchema.Empty);
        RowEncoding.WriteOutcome(output, new StatementOutcome(false, 0, 0, TimeSpan.Zero, new StatementError(1 | (204 << 8), "no", -1)));
        var cursor = (await new EncodedResults(output.WrittenMemory).NextAsync(default))!;
        Assert.False(await cursor.WaitToReadAsync(default));
        Assert.Equal(new StatementError(1, "no", -1) { SqlState = "42P01" }, cursor.Outcome.Error);
    }

    [Fact]
    public async Task Broken_bytes_are_an_error_and_not_a_result()
    {
        await using var db = new TestDatabase();
        var results = new CommandResult?[1];
        db.Database.Writer.Apply(db.NextStamp(), [TestDatabase.Command(BatchOptions.None, "SELECT 1, 'two', 3.5, x'04', NULL")], results);
        var good = results[0]!.Encoded.ToArray();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = good[..random.Next(1, good.Length + 1)];
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                _ = await TestDatabase.ResultsAsync(new CommandResult(bytes, 1, false));
            }
            catch (InvalidDataException)
            {
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}: {e}");
            }
        }
    }

    private static List<ReadOnlyMemory<byte>> Cut(ReadOnlyMemory<byte> encoded, Random random)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        var start = encoded;
        var rest = encoded;
        while (RowEncoding.TryReadChunk(rest, out _, out _, out var next))
        {
            rest = next;
            if (random.Next(2) == 0)
            {
                pieces.Add(start[..(start.Length - rest.Length)]);
                start = rest;
            }
        }

        if (!start.IsEmpty)
        {
            pieces.Add(start);
        }

        return pieces;
    }
}
