using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

public sealed class DataLogEncodingTests
{
    private static readonly ApplyCommand[] Commands =
    [
        new(default, new([Sql.Statement("SELECT 1")], BatchOptions.None)),
        new(new(1, 2), new([Sql.Statement("INSERT INTO t VALUES(?)", "ä"), Sql.Statement("")], BatchOptions.Atomic | BatchOptions.ForeignKeys)),
        new(new(ulong.MaxValue, 0), new([], BatchOptions.DiscardReads | BatchOptions.DoubleQuotedText)),
    ];

    [Fact]
    public void Entries_of_the_former_formats_have_their_time_in_milliseconds()
    {
        var batch = new System.Buffers.ArrayBufferWriter<byte>();
        LogBatchEncoding.WriteHead(batch, 7, 1234, 99, new(1, 2, 3, 4, []));
        var bytes = batch.WrittenSpan.ToArray();
        Assert.Equal(((UInt128)7, 1234L, 99UL), LogBatchEncoding.ReadHead(bytes));
        bytes[0] = 4;
        Assert.True(LogBatchEncoding.Is(bytes));
        Assert.Equal(((UInt128)7, 1_234_000L, 99UL), LogBatchEncoding.ReadHead(bytes));
        Assert.Equal((1, 2, 3, 4UL), (LogBatchEncoding.Read(bytes).BaseIndex, LogBatchEncoding.Read(bytes).BaseTerm, LogBatchEncoding.Read(bytes).Term, LogBatchEncoding.Read(bytes).Digest));
        bytes.AsSpan(17, 8).Fill(0x7f);
        Assert.Throws<InvalidDataException>(() => LogBatchEncoding.ReadHead(bytes));

        var transaction = new System.Buffers.ArrayBufferWriter<byte>();
        LogTransactionEncoding.Write(transaction, new(7, 1234, 99, new(1, 2, 3, BatchOptions.None, []) { Clock = 5678 }));
        bytes = transaction.WrittenSpan.ToArray();
        Assert.Equal((1234, 5678), (LogTransactionEncoding.Read(bytes).UnixMicroseconds, LogTransactionEncoding.Read(bytes).Entry.Clock));
        bytes[0] = 3;
        Assert.True(LogTransactionEncoding.Is(bytes));
        Assert.Equal((1_234_000, 5_678_000), (LogTransactionEncoding.Read(bytes).UnixMicroseconds, LogTransactionEncoding.Read(bytes).Entry.Clock));
    }

    [Fact]
    public void What_is_written_is_read()
    {
        var read = LogCommandEncoding.Read(Entry());
        Assert.Equal((UInt128)7, read.Nonce);
        Assert.Equal(1_234_000, read.UnixMicroseconds);
        Assert.Equal(99UL, read.Seed);
        Assert.Equal(Commands.Length, read.Commands.Count);
        for (var i = 0; i < Commands.Length; i++)
        {
            Assert.Equal(Commands[i].RequestId, read.Commands[i].RequestId);
            Assert.Equal(Commands[i].Batch.Options, read.Commands[i].Batch.Options);
            Assert.Equal(Commands[i].Batch.Statements.Select(Text), read.Commands[i].Batch.Statements.Select(Text));
        }
    }

    [Fact]
    public void The_measured_size_is_the_written_size()
    {
        var bytes = LogCommandEncoding.HeadBytes + Commands.Sum(command => LogCommandEncoding.Measure(command.Batch));
        Assert.Equal(Entry().Length, bytes);
    }

    [Fact]
    public void A_newer_format_is_named_as_such()
    {
        var entry = Entry();
        entry[0] = LogLoadEncoding.Version + 1;
        var error = Assert.Throws<InvalidDataException>(() => LogCommandEncoding.Read(entry));
        Assert.Contains("written by a newer version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_cut_anywhere_is_refused()
    {
        var entry = Entry();
        for (var length = 0; length < entry.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => LogCommandEncoding.Read(entry.AsMemory(0, length)));
        }
    }

    [Fact]
    public void Bytes_behind_the_end_are_refused() =>
        Assert.Throws<InvalidDataException>(() => LogCommandEncoding.Read((byte[])[.. Entry(), 0]));

    [Fact]
    public void Options_that_are_not_known_are_refused()
    {
        var entry = Entry();
        entry[LogCommandEncoding.HeadBytes + 16] = 0x80;
        Assert.Throws<InvalidDataException>(() => LogCommandEncoding.Read(entry));
    }

    [Fact]
    public void A_count_beyond_the_bytes_allocates_nothing()
    {
        var entry = Entry();
        BitConverter.TryWriteBytes(entry.AsSpan(LogCommandEncoding.HeadBytes - 4), int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => LogCommandEncoding.Read(entry));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Damaged_bytes_are_read_or_refused_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            var entry = Entry();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                entry[random.Next(entry.Length)] = (byte)random.Next(256);
            }

            Refused(() => LogCommandEncoding.Read(entry.AsMemory(0, random.Next(2) == 0 ? entry.Length : random.Next(entry.Length))), seed);
        }
    }

    [Fact]
    public void A_forwarded_request_is_read_as_written()
    {
        var read = ForwardedRequest.Parse(Forwarded());
        Assert.Equal(ForwardedMode.Request, read.Mode);
        Assert.Equal(new RequestId(3, 4), read.RequestId);
        Assert.Equal(TimeSpan.FromSeconds(5), read.Timeout);
        Assert.Equal(ReadConsistency.Strong, read.Read.Consistency);
        Assert.Equal(77, read.Read.MinIndex);
        Assert.Equal(TimeSpan.FromMilliseconds(8), read.Read.StatementTimeout);
        Assert.False(read.Read.Forward);
        Assert.Equal(Commands[1].Batch.Statements.Select(Text), read.Batch.Statements.Select(Text));
    }

    [Fact]
    public void A_shape_is_read_as_written()
    {
        var read = ShapeEncoding.ReadShape(Shape());
        Assert.Null(read.Error);
        Assert.True(read.ReadOnly);
        Assert.Equal([null, ":a"], read.ParameterNames);
        Assert.Equal(new Column("b", "INTEGER", "t", "c"), read.Rows.Columns[0]);
        Assert.Equal(new Column("d", null, null, null), read.Rows.Columns[1]);
        Assert.Equal(9, read.TailOffset);
    }

    [Fact]
    public void Damaged_requests_between_nodes_are_read_or_refused_and_nothing_else()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var i = 0; i < 50_000; i++)
        {
            var bytes = random.Next(2) == 0 ? Forwarded() : Shape();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Refused(() => ForwardedRequest.Parse(bytes), seed);
            Refused(() => ShapeEncoding.ReadShape(bytes), seed);
            Refused(() => ShapeEncoding.ReadRequest(bytes), seed);
        }
    }

    private static void Refused(Action read, int seed)
    {
        try
        {
            read();
        }
        catch (InvalidDataException)
        {
            // As it should be.
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
    }

    private static string Text(Statement statement) =>
        Encoding.UTF8.GetString(statement.Sql.Span) + "|" + Convert.ToHexString(statement.Parameters.Span);

    private static byte[] Entry()
    {
        var output = new ArrayBufferWriter<byte>();
        LogCommandEncoding.WriteHead(output, 7, 1_234_000, 99, Commands.Length);
        foreach (var command in Commands)
        {
            LogCommandEncoding.WriteCommand(output, command);
        }

        return output.WrittenSpan.ToArray();
    }

    private static byte[] Forwarded()
    {
        var output = new ArrayBufferWriter<byte>();
        var read = new ReadOptions
        {
            Consistency = ReadConsistency.Strong, MinIndex = 77, StatementTimeout = TimeSpan.FromMilliseconds(8),
        };
        new ForwardedRequest(ForwardedMode.Request, new(3, 4), TimeSpan.FromSeconds(5), read, Commands[1].Batch).Write(output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Shape()
    {
        var output = new ArrayBufferWriter<byte>();
        var columns = new RowSchema([new("b", "INTEGER", "t", "c"), new("d", null, null, null)]);
        ShapeEncoding.WriteShape(output, new(null, ReadOnly: true, Explain: false, Empty: false, [null, ":a"], columns, 9));
        return output.WrittenSpan.ToArray();
    }
}
