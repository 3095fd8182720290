using System.Text;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Tests.Scripting;

namespace Rqlite.Pg.Wire.Tests.Messages;

/// <summary>Frames are read from their bytes alone.</summary>
public sealed class MessageDecodingTests
{
    private const int HeadBytes = 5;

    [Fact]
    public void A_query_is_its_text()
    {
        Assert.Equal("select 'ä'", QueryMessage.Read(Body(new ClientMessages().Query("select 'ä'")).Span, ClientEncoding.Utf8).Text);
        Assert.Equal("", QueryMessage.Read(Body(new ClientMessages().Query("")).Span, ClientEncoding.Utf8).Text);
    }

    [Fact]
    public void A_parse_has_a_name_a_text_and_declared_types()
    {
        var message = ParseMessage.Read(Body(new ClientMessages().Parse("s", "select $1", 23, 0, uint.MaxValue)).Span, ClientEncoding.Utf8);
        Assert.Equal(("s", "select $1"), (message.Name, message.Text));
        Assert.Equal([23u, 0u, uint.MaxValue], message.Types);
        Assert.Empty(ParseMessage.Read(Body(new ClientMessages().Parse("", "")).Span, ClientEncoding.Utf8).Types);
    }

    [Fact]
    public void A_bind_has_values_in_their_formats()
    {
        var bytes = Body(new ClientMessages().Bind("p", "s", [0, 1, 1], [[1, 2], null, []], 1, 0));
        var message = BindMessage.Read(bytes, ClientEncoding.Utf8);
        Assert.Equal(("p", "s", 3), (message.Portal, message.Statement, message.ParameterCount));
        Assert.Equal([1, 0], message.ResultFormats);
        Assert.Null(message.HeadError);
        Assert.Null(message.ValuesError);
        Assert.Equal([false, true, true], message.Values.Select(v => v.Binary));
        Assert.Equal(["0102", null, ""], message.Values.Select(v => v.Data is { } data ? Convert.ToHexString(data.Span) : null));
    }

    [Theory]
    [InlineData(new short[0], false, false)]
    [InlineData(new short[] { 0 }, false, false)]
    [InlineData(new short[] { 1 }, true, true)]
    [InlineData(new short[] { 0, 1 }, false, true)]
    public void One_format_holds_for_all_values_and_none_means_text(short[] formats, bool first, bool second)
    {
        var message = BindMessage.Read(Body(new ClientMessages().Bind("", "", formats, [[1], [2]])), ClientEncoding.Utf8);
        Assert.Equal([first, second], message.Values.Select(v => v.Binary));
        Assert.Empty(message.ResultFormats);
    }

    [Fact]
    public void An_error_in_the_head_of_a_bind_comes_with_its_names()
    {
        var wrongCode = BindMessage.Read(Body(new ClientMessages().Bind("p", "s", [7], [[1]])), ClientEncoding.Utf8);
        Assert.Equal(("p", "s"), (wrongCode.Portal, wrongCode.Statement));
        Assert.Equal(("22023", "unsupported format code: 7"), Error(wrongCode.HeadError));
        var wrongCount = BindMessage.Read(Body(new ClientMessages().Bind("p", "s", [0, 1], [[1]])), ClientEncoding.Utf8);
        Assert.Equal(("08P01", "bind message has 2 parameter formats but 1 parameters"), Error(wrongCount.HeadError));
        Assert.Empty(wrongCount.Values);
    }

    [Fact]
    public void An_error_behind_values_comes_with_the_values_before_it()
    {
        var whole = Body(new ClientMessages().Bind("", "s", [], ["one"u8.ToArray(), "two"u8.ToArray()]));
        var inSecond = BindMessage.Read(whole[..^4], ClientEncoding.Utf8);
        Assert.Equal(2, inSecond.ParameterCount);
        Assert.Equal("one", Encoding.UTF8.GetString(Assert.Single(inSecond.Values).Data!.Value.Span));
        Assert.Equal(("08P01", "insufficient data left in message"), Error(inSecond.ValuesError));

        var inFormats = BindMessage.Read(Body(new ClientMessages().Bind("", "s", [], [[1], [2]], 5)), ClientEncoding.Utf8);
        Assert.Equal(2, inFormats.Values.Length);
        Assert.Equal(("22023", "unsupported format code: 5"), Error(inFormats.ValuesError));

        var trailing = BindMessage.Read(new byte[][] { whole.ToArray(), [0] }.SelectMany(b => b).ToArray(), ClientEncoding.Utf8);
        Assert.Equal(("08P01", "invalid message format"), Error(trailing.ValuesError));
    }

    [Fact]
    public void Describe_and_close_name_a_statement_or_a_portal()
    {
        Assert.Equal(new TargetMessage(false, "s"), TargetMessage.Read(Body(new ClientMessages().Describe('S', "s")).Span, ClientEncoding.Utf8, "DESCRIBE"));
        Assert.Equal(new TargetMessage(true, ""), TargetMessage.Read(Body(new ClientMessages().Close('P', "")).Span, ClientEncoding.Utf8, "CLOSE"));
        var error = Assert.Throws<PgException>(() => TargetMessage.Read("x\0"u8, ClientEncoding.Utf8, "CLOSE"));
        Assert.Equal(("08P01", "invalid CLOSE message subtype 120"), Error(error));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(int.MinValue, 0)]
    public void An_execute_without_a_positive_limit_has_none(int sent, long limit) =>
        Assert.Equal(new ExecuteMessage("p", limit), ExecuteMessage.Read(Body(new ClientMessages().Execute("p", sent)).Span, ClientEncoding.Utf8));

    [Fact]
    public void Every_cut_and_every_longer_frame_is_a_protocol_violation()
    {
        var readers = new (ReadOnlyMemory<byte> Body, Func<ReadOnlyMemory<byte>, PgException?> Read)[]
        {
            (Body(new ClientMessages().Query("select 1")), b => Record(() => QueryMessage.Read(b.Span, ClientEncoding.Utf8))),
            (Body(new ClientMessages().Parse("s", "select $1", 23, 25)), b => Record(() => ParseMessage.Read(b.Span, ClientEncoding.Utf8))),
            (Body(new ClientMessages().Describe('S', "s")), b => Record(() => TargetMessage.Read(b.Span, ClientEncoding.Utf8, "DESCRIBE"))),
            (Body(new ClientMessages().Execute("p", 3)), b => Record(() => ExecuteMessage.Read(b.Span, ClientEncoding.Utf8))),
            (Body(new ClientMessages().Bind("p", "s", [0], [[1], null, [2, 3]], 1)), ReadBind),
        };
        foreach (var (body, read) in readers)
        {
            Assert.Null(read(body));
            for (var length = 0; length < body.Length; length++)
            {
                Assert.Equal("08P01", read(body[..length])?.Error.SqlState);
            }

            Assert.Equal("08P01", read(new byte[][] { body.ToArray(), [0] }.SelectMany(b => b).ToArray())?.Error.SqlState);
        }

        static PgException? ReadBind(ReadOnlyMemory<byte> body)
        {
            BindMessage message = default;
            return Record(() => message = BindMessage.Read(body, ClientEncoding.Utf8)) ?? message.HeadError ?? message.ValuesError;
        }
    }

    [Theory]
    [InlineData("5000", "")]
    [InlineData("C32800", "0xc3 0x28")]
    [InlineData("61FF00", "0xff")]
    public void A_text_that_is_not_UTF_8_is_22021(string hex, string bytes)
    {
        var error = Record(() => QueryMessage.Read(Convert.FromHexString(hex), ClientEncoding.Utf8));
        Assert.Equal(bytes.Length == 0 ? null : "22021", error?.Error.SqlState);
        Assert.Equal(bytes.Length == 0 ? null : $"invalid byte sequence for encoding \"UTF8\": {bytes}", error?.Message);
    }

    [Fact]
    public void Random_bytes_end_in_a_message_or_an_error()
    {
        var random = new Random(1);
        var read = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(40)];
            random.NextBytes(bytes);
            for (var j = 0; j < bytes.Length; j++)
            {
                bytes[j] = random.Next(3) == 0 ? (byte)random.Next(3) : bytes[j];
            }

            read += Record(() => BindMessage.Read(bytes, ClientEncoding.Utf8)) is null ? 1 : 0;
            Record(() => ParseMessage.Read(bytes, ClientEncoding.Utf8));
            Record(() => ExecuteMessage.Read(bytes, ClientEncoding.Utf8));
            Record(() => TargetMessage.Read(bytes, ClientEncoding.Utf8, "DESCRIBE"));
        }

        Assert.True(read > 100, "Hardly any of the bytes began like a Bind.");
    }

    private static ReadOnlyMemory<byte> Body(ClientMessages messages) => messages.Bytes[HeadBytes..];

    private static (string, string) Error(PgException? exception) => (exception!.Error.SqlState, exception.Message);

    private static PgException? Record(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (PgException exception)
        {
            return exception;
        }
    }

    private static PgException? Record<T>(Func<T> read) => Record(() => { read(); });
}
