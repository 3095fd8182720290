using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>
/// <c>POST /db/load</c>: a dump as SQL, which takes effect wholly or not at all, or a SQLite file, which takes the place of the database.
/// <c>POST /boot</c>: a SQLite file, on a node that is alone.
/// </summary>
internal static class LoadEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        if (!await HasFileAsync(context).ConfigureAwait(false))
        {
            await LoadTextAsync(services, context, parameters).ConfigureAwait(false);
            return;
        }

        await LoadFileAsync(services, context, parameters).ConfigureAwait(false);
        using var response = new JsonResponse(context, parameters.Pretty);
        var json = response.Json;
        json.BeginObject();
        json.Name("results"u8);
        json.BeginArray();
        json.EndArray();
        json.EndObject();
        await response.CompleteAsync(context.RequestAborted).ConfigureAwait(false);
    }

    public static async Task BootAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var control = services.Control;
        if (control.Leader is null)
        {
            throw new RequestException(StatusCodes.Status503ServiceUnavailable, "leader not found");
        }

        if (!control.IsLeader || control.MemberCount > 1)
        {
            throw new RequestException(StatusCodes.Status503ServiceUnavailable, control.IsLeader ? "not single-node" : "not leader");
        }

        if (!await HasFileAsync(context).ConfigureAwait(false))
        {
            throw RequestException.BadRequest("invalid SQLite data");
        }

        await LoadFileAsync(services, context, parameters).ConfigureAwait(false);
    }

    /// <summary>Looks at the first bytes of the body, which stay in it.</summary>
    private static async ValueTask<bool> HasFileAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            // A file goes to the disk; a text has a limit of its own.
            feature.MaxRequestBodySize = null;
        }

        var body = context.Request.BodyReader;
        while (true)
        {
            var read = await body.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (read.Buffer.Length < FileMark.Length && !read.IsCompleted)
            {
                body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var isFile = read.Buffer.Length >= FileMark.Length && StartsWithMark(read.Buffer);
            body.AdvanceTo(read.Buffer.Start);
            return isFile;
        }
    }

    private static ReadOnlySpan<byte> FileMark => "SQLite format 3\0"u8;

    private static bool StartsWithMark(in ReadOnlySequence<byte> body)
    {
        Span<byte> first = stackalloc byte[16];
        body.Slice(0, first.Length).CopyTo(first);
        return first.SequenceEqual(FileMark);
    }

    private static async ValueTask LoadFileAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        try
        {
            var files = services.Database.Files ?? throw new ClusterException(ClusterError.NotReady, "this node loads no files");
            await files.LoadAsync(context.Request.BodyReader.AsStream(leaveOpen: true), !parameters.Redirect, parameters.Timeout, token).ConfigureAwait(false);
            services.SetServedBy(context, services.Control.Leader);
        }
        catch (ClusterException e) when (e.Error == ClusterError.Invalid)
        {
            throw RequestException.BadRequest(e.Message, e);
        }
    }

    private static async Task LoadTextAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var options = services.Options;
        var write = IdempotencyKey.Read(context, parameters.Write);
        byte[] text;
        try
        {
            text = await BodyReader.ReadAllAsync(context, options.BodyBytesMax, token, RequestMemory.Of(context, options.Memory!)).ConfigureAwait(false);
        }
        catch (RequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw RequestException.TooLarge(
                $"the SQL text is larger than {options.BodyBytesMax} bytes, which is the limit of one entry of the log: load the database as a SQLite file instead");
        }

        BodyReader.CheckSql(text);
        var started = Stopwatch.GetTimestamp();
        var dump = DumpText.Read(text);
        var keep = dump.ForeignKeysOff ? ~BatchOptions.ForeignKeys : ~BatchOptions.None;
        var batch = new StatementBatch(
            [new Statement(dump.Sql, ReadOnlyMemory<byte>.Empty)],
            (services.BatchOptions(parameters) & keep) | BatchOptions.Atomic | BatchOptions.DiscardReads);
        var result = text.Length == 0 ? null : await services.Database.ExecuteAsync(batch, write, token).ConfigureAwait(false);
        await BatchResponse.WriteAsync(services, context, parameters, result, query: false, started).ConfigureAwait(false);
    }
}
