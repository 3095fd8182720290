using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary>The answer of the data endpoints: results, error, time, raft_index.</summary>
internal static class BatchResponse
{
    // The document and its array of results.
    private const int ResultsDepth = 2;

    /// <summary>Notes that a request's statements begin to run.</summary>
    /// <exception cref="ClusterException"><see cref="ClusterError.Disallowed"/>: nothing of the request is run.</exception>
    public static void Begin(HttpContext context, List<Statement> statements)
    {
        RequestTrace.Of(context)?.Begin(statements);
        if (PragmaGuard.Refuses(statements))
        {
            throw new ClusterException(ClusterError.Disallowed, "disallowed pragma");
        }
    }

    /// <param name="result">Null for a request that held no statement; disposed here.</param>
    /// <param name="query">A statement without columns answers as a result without rows.</param>
    /// <param name="started">A <see cref="Stopwatch"/> timestamp.</param>
    public static async Task WriteAsync(
        ApiServices services, HttpContext context, QueryParameters parameters, BatchResult? result, bool query, long started)
    {
        var token = context.RequestAborted;
        using var response = new JsonResponse(context, parameters.Pretty);
        var json = response.Json;
        json.BeginObject();
        json.Name("results"u8);
        json.BeginArray();
        string? error = null;
        long index = 0;
        if (result is not null)
        {
            await using var _ = result.ConfigureAwait(false);
            services.SetServedBy(context, result.ServedBy);
            IdempotencyKey.SetReplayed(context, result);
            error = await WriteResultsAsync(parameters, result, query, response, token).ConfigureAwait(false);
            index = result.SnapshotIndex;
            if (result.RaftIndex == 0 && RequestTrace.Of(context) is { Kind: RequestKind.Write } trace)
            {
                // Nothing of the request went through the log.
                trace.Kind = RequestKind.Read;
            }
        }

        json.EndArray();
        if (error is not null)
        {
            json.Name("error"u8);
            json.String(error);
        }

        if (parameters.Timings)
        {
            json.Name("time"u8);
            json.Real(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        if (parameters.RaftIndex && index > 0)
        {
            json.Name("raft_index"u8);
            json.Integer(index);
        }

        json.EndObject();
        await response.CompleteAsync(token).ConfigureAwait(false);
    }

    /// <summary>Answers an error that came after the answer had begun; an earlier one is thrown and has its own status.</summary>
    private static async ValueTask<string?> WriteResultsAsync(
        QueryParameters parameters, BatchResult result, bool query, JsonResponse response, CancellationToken token)
    {
        var first = response.Json.Current;
        var writer = new ResultWriter(
            response, new ResultFormat(parameters.Timings, parameters.Associative, parameters.BlobArray, parameters.QualifyColumns, query));
        try
        {
            while (await result.NextAsync(token).ConfigureAwait(false) is { } rows)
            {
                await using (rows.ConfigureAwait(false))
                {
                    await writer.WriteAsync(rows, token).ConfigureAwait(false);
                }
            }

            if (writer.CommitError is not null && !response.Started)
            {
                // rqlite tells no results of a transaction that it could not commit.
                response.Json.Rewind(first);
            }

            return writer.CommitError;
        }
        catch (ClusterException e) when (response.Started)
        {
            response.Json.CloseTo(ResultsDepth);
            return ErrorMapping.Text(e);
        }
    }
}
