using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary><c>/db/sql</c>: the statements as the log carries them, which is as they came; nothing is run.</summary>
internal static class SqlEndpoint
{
    // The errors of SQLite's parser. A table that is missing is no error of the text.
    private static readonly string[] s_parserErrors = ["syntax error", "incomplete input", "unrecognized token"];

    public static async Task HandleAsync(ApiServices services, HttpContext context, QueryParameters parameters)
    {
        var token = context.RequestAborted;
        if (HttpMethods.IsGet(context.Request.Method) && parameters.Sql is null)
        {
            throw RequestException.BadRequest("query not specified");
        }

        var statements = HttpMethods.IsGet(context.Request.Method)
            ? BodyReader.OneStatement(parameters.Sql!)
            : await BodyReader.ReadStatementsAsync(context, services.Options, acceptText: false, token).ConfigureAwait(false);
        using var response = new JsonResponse(context, parameters.Pretty);
        var json = response.Json;
        json.BeginObject();
        json.Name("results"u8);
        json.BeginArray();
        foreach (var statement in statements)
        {
            var shape = await services.Database.DescribeAsync(statement, services.BatchOptions(parameters), 0, token).ConfigureAwait(false);
            var error = shape.Error is { } e && Array.Exists(s_parserErrors, text => e.Message.Contains(text, StringComparison.Ordinal)) ? e.Message : null;
            json.BeginObject();
            json.Name("original"u8);
            json.String(statement.Sql.Span);
            json.Name(error is null ? "rewritten"u8 : "error"u8);
            if (error is null)
            {
                json.String(statement.Sql.Span);
            }
            else
            {
                json.String(error);
            }

            json.EndObject();
            await response.FlushIfLargeAsync(token).ConfigureAwait(false);
        }

        json.EndArray();
        json.EndObject();
        await response.CompleteAsync(token).ConfigureAwait(false);
    }
}
