using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Http;

/// <summary><c>GET</c> and <c>POST /db/query</c>: reads, at the level asked for.</summary>
internal static class QueryEndpoint
{
    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        var statements = HttpMethods.IsGet(context.Request.Method)
            ? BodyReader.OneStatement(parameters.Sql ?? [])
            : await BodyReader.ReadStatementsAsync(context, services.Options, acceptText: true, token).ConfigureAwait(false);
        BatchResponse.Begin(context, statements);
        var started = Stopwatch.GetTimestamp();
        var batch = new StatementBatch(statements, services.BatchOptions(parameters));
        var result = statements.Count == 0
            ? null : await services.Database.QueryAsync(batch, parameters.Read, token).ConfigureAwait(false);
        await BatchResponse.WriteAsync(services, context, parameters, result, query: true, started).ConfigureAwait(false);
    }
}
