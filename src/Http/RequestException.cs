using Microsoft.AspNetCore.Http;

namespace Rqlite.Pg.Http;

/// <summary>A request that is answered by a status and a line of text; an empty message means an empty body.</summary>
internal sealed class RequestException(int statusCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int StatusCode { get; } = statusCode;

    public static RequestException BadRequest(string message, Exception? inner = null) =>
        new(StatusCodes.Status400BadRequest, message, inner);

    public static RequestException Overloaded(string message) => new(StatusCodes.Status503ServiceUnavailable, message);

    public static RequestException TooManyRequests(string message, Exception inner) => new(StatusCodes.Status429TooManyRequests, message, inner);

    public static RequestException TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, message);
}
