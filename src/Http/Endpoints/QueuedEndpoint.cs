using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>POST /db/execute?queue</c>: writes that are gathered into batches. The answer tells results only if a statement failed.</summary>
internal static class QueuedEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var started = Stopwatch.GetTimestamp();
        if (!parameters.NoLeader && services.Control.Leader is null)
        {
            throw new ClusterException(ClusterError.NoLeader, "leader not found");
        }

        var write = IdempotencyKey.Read(context, parameters.Write);
        var statements = await BodyReader.ReadStatementsAsync(context, services.Options, acceptText: true, token, allowNone: parameters.Wait)
            .ConfigureAwait(false);
        BatchResponse.Begin(context, statements);
        var request = await services.Queue.AddAsync(statements, write, parameters.Transaction, parameters.Wait, parameters.Timeout, token)
            .ConfigureAwait(false);
        var outcome = parameters.Wait
            ? await WaitAsync(request, parameters, Stopwatch.GetElapsedTime(started), token).ConfigureAwait(false) : QueuedOutcome.Nothing;
        await WriteAsync(context, parameters, request, outcome, started).ConfigureAwait(false);
    }

    private static async ValueTask<QueuedOutcome> WaitAsync(
        QueuedWrite request, QueryParameters parameters, TimeSpan waited, CancellationToken token)
    {
        try
        {
            var left = parameters.Timeout - waited;
            var outcome = await request.Done.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, token).ConfigureAwait(false);
            return outcome.Failure is null ? outcome : throw Failure(outcome.Failure);
        }
        catch (TimeoutException e) when (parameters.Outcome)
        {
            throw new ClusterException(ClusterError.OutcomeUnknown, "the write is still queued", null, e);
        }
        catch (TimeoutException e)
        {
            throw new RequestException(StatusCodes.Status408RequestTimeout, "queue wait timeout", e);
        }
    }

    /// <summary>An exception of one batch is seen by each of its requests, so each has its own.</summary>
    private static ClusterException Failure(Exception failure) => failure is ClusterException e
        ? new(e.Error, e.Message, e.Leader, e)
        : new(ClusterError.OutcomeUnknown, "internal error", null, failure);

    private static async Task WriteAsync(
        HttpContext context, QueryParameters parameters, QueuedWrite request, QueuedOutcome outcome, long started)
    {
        using var response = new JsonResponse(context, parameters.Pretty);
        var json = response.Json;
        json.BeginObject();
        json.Name("results"u8);
        json.BeginArray();
        if (outcome.FailedStatement >= 0)
        {
            foreach (var statement in outcome.Statements)
            {
                Write(json, statement);
            }
        }

        json.EndArray();
        if (outcome.Error is { } error)
        {
            json.Name("error"u8);
            json.String(error);
        }

        if (parameters.Timings)
        {
            json.Name("time"u8);
            json.Real(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        json.Name("sequence_number"u8);
        json.Integer(request.Sequence);
        json.EndObject();
        await response.CompleteAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private static void Write(JsonWriter json, StatementOutcome outcome)
    {
        json.BeginObject();
        if (!outcome.ReadOnly && outcome.LastInsertRowId != 0)
        {
            json.Name("last_insert_id"u8);
            json.Integer(outcome.LastInsertRowId);
        }

        if (!outcome.ReadOnly && outcome.RowsAffected != 0)
        {
            json.Name("rows_affected"u8);
            json.Integer(outcome.RowsAffected);
        }

        if (outcome.Error is { } error)
        {
            json.Name("error"u8);
            json.String(error.Message);
        }

        json.EndObject();
    }
}
