using System.Buffers;
using System.IO.Pipelines;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>Reads a request's body, never beyond its limit.</summary>
internal static class BodyReader
{
    /// <summary>The statements of a data request: JSON, or one SQL text if <paramref name="acceptText"/> and the content type says so.</summary>
    /// <param name="allowNone">An empty array is a request without statements, and no error.</param>
    public static async ValueTask<List<Statement>> ReadStatementsAsync(
        HttpContext context, HttpOptions options, bool acceptText, CancellationToken token, bool allowNone = false)
    {
        Limit(context, options.BodyBytesMax);
        var memory = RequestMemory.Of(context, options.Memory!);
        if (acceptText && context.Request.ContentType is { } type && type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
        {
            return OneStatement(await ReadAllAsync(context, options.BodyBytesMax, token, memory).ConfigureAwait(false));
        }

        using var statements = new StatementReader(options.StatementsMax, allowNone);
        var body = context.Request.BodyReader;
        long consumed = 0;
        long wanted = 0;
        while (true)
        {
            var read = await body.ReadAsync(token).ConfigureAwait(false);
            var buffer = read.Buffer;
            if (consumed + buffer.Length > options.BodyBytesMax)
            {
                body.AdvanceTo(buffer.End);
                throw BodyTooLarge(options.BodyBytesMax);
            }

            Count(memory, body, buffer, consumed + buffer.Length, statements.Count);
            if (buffer.Length < wanted && !read.IsCompleted)
            {
                body.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            SequencePosition position;
            try
            {
                position = statements.Read(buffer, read.IsCompleted);
                memory.Count(consumed + buffer.Length, statements.Count);
            }
            catch (RequestException)
            {
                // The server reads on what the client still sends, or the client would see a broken connection in place of the answer.
                body.AdvanceTo(buffer.End);
                throw;
            }

            var rest = buffer.Slice(position).Length;
            consumed += buffer.Length - rest;
            // A token that does not fit is looked at again only when twice as much is there: linear even for one huge string.
            wanted = 2 * rest;
            body.AdvanceTo(position, buffer.End);
            if (read.IsCompleted)
            {
                return statements.Finish();
            }
        }
    }

    public static List<Statement> OneStatement(byte[] sql)
    {
        CheckSql(sql);
        return sql.Length == 0 ? [] : [new Statement(sql, ReadOnlyMemory<byte>.Empty)];
    }

    /// <summary>The whole body, at most <paramref name="bytesMax"/>.</summary>
    public static async ValueTask<byte[]> ReadAllAsync(
        HttpContext context, long bytesMax, CancellationToken token, RequestMemory? memory = null)
    {
        Limit(context, bytesMax);
        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(token).ConfigureAwait(false);
            if (read.Buffer.Length > bytesMax)
            {
                body.AdvanceTo(read.Buffer.End);
                throw BodyTooLarge(bytesMax);
            }

            if (memory is not null)
            {
                Count(memory, body, read.Buffer, read.Buffer.Length, 1);
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                body.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static void Count(RequestMemory memory, PipeReader body, in ReadOnlySequence<byte> buffer, long bytes, int statements)
    {
        try
        {
            memory.Count(bytes, statements);
        }
        catch (RequestException)
        {
            body.AdvanceTo(buffer.End);
            throw;
        }
    }

    /// <summary>SQLite would stop at a NUL and never see the rest.</summary>
    public static void CheckSql(ReadOnlySpan<byte> sql)
    {
        if (sql.Contains((byte)0))
        {
            throw RequestException.BadRequest("SQL contains a NUL character");
        }

        if (!Utf8.IsValid(sql))
        {
            throw RequestException.BadRequest("SQL is not valid UTF-8");
        }
    }

    private static void Limit(HttpContext context, long bytesMax)
    {
        if (context.Request.ContentLength > bytesMax)
        {
            throw BodyTooLarge(bytesMax);
        }

        // At a limit of its own the server would close on a client that still sends.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
    }

    private static RequestException BodyTooLarge(long bytesMax) =>
        RequestException.TooLarge($"request body is larger than {bytesMax} bytes");
}
