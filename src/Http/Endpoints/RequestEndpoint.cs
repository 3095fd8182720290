using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>POST /db/request</c>: reads and writes mixed.</summary>
internal static class RequestEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var write = IdempotencyKey.Read(context, parameters.Write);
        var statements = await BodyReader.ReadStatementsAsync(context, services.Options, acceptText: false, token).ConfigureAwait(false);
        BatchResponse.Begin(context, statements);
        var started = Stopwatch.GetTimestamp();
        var batch = new StatementBatch(statements, services.BatchOptions(parameters));
        var result = statements.Count == 0
            ? null : await services.Database.RequestAsync(batch, parameters.Read, write, token).ConfigureAwait(false);
        await BatchResponse.WriteAsync(services, context, parameters, result, query: false, started).ConfigureAwait(false);
    }
}
