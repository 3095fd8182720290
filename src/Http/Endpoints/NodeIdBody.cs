using System.Text.Json;

namespace Rqlite.Pg.Http;

/// <summary>The body <c>{"id":"n1"}</c> of requests about one member.</summary>
internal static class NodeIdBody
{
    public const int BytesMax = 64 * 1024;

    /// <summary>The id, or null if the body is anything but an object with exactly this one key.</summary>
    public static string? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            var json = new Utf8JsonReader(body);
            var id = json.Read() && json.TokenType == JsonTokenType.StartObject
                && json.Read() && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("id"u8)
                && json.Read() && json.TokenType == JsonTokenType.String
                ? json.GetString() : null;
            return id is not null && json.Read() && json.TokenType == JsonTokenType.EndObject && !json.Read() ? id : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
