using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>POST /db/execute</c>: writes, through the log; with <c>queue</c>, through the queue first.</summary>
internal static class ExecuteEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        if (parameters.Queue)
        {
            await QueuedEndpoint.HandleAsync(services, context, parameters).ConfigureAwait(false);
            return;
        }

        var token = context.RequestAborted;
        var write = IdempotencyKey.Read(context, parameters.Write);
        var statements = await BodyReader.ReadStatementsAsync(context, services.Options, acceptText: true, token).ConfigureAwait(false);
        BatchResponse.Begin(context, statements);
        var started = Stopwatch.GetTimestamp();
        var batch = new StatementBatch(statements, services.BatchOptions(parameters) | BatchOptions.DiscardReads);
        var result = statements.Count == 0
            ? null : await services.Database.ExecuteAsync(batch, write, token).ConfigureAwait(false);
        await BatchResponse.WriteAsync(services, context, parameters, result, query: false, started).ConfigureAwait(false);
    }
}
