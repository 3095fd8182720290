using System.Text;
using System.Text.Json;

namespace Rqlite.Pg.Host;

/// <summary>
/// The file of <c>-config</c>: a JSON object whose keys are flags' names without dash, with strings, numbers, true or false as values.
/// Comments and a comma after the last value are allowed.
/// </summary>
internal static class ConfigFile
{
    private const int BytesMax = 1 << 20;

    /// <param name="unfit">Tells why a key cannot stand in the file; null if it can.</param>
    /// <exception cref="FormatException">The file cannot be used; the message names file, line and key.</exception>
    public static Dictionary<string, FlagValue> Read(string path, Func<string, string?> unfit)
    {
        byte[] bytes;
        try
        {
            bytes = Directory.Exists(path) ? throw new FormatException($"-config: {path} is a folder; the flag takes a file")
                : new FileInfo(path).Length <= BytesMax
                ? File.ReadAllBytes(path)
                : throw new FormatException($"-config: {path} has more than {BytesMax} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FormatException($"-config: {e.Message}", e);
        }

        try
        {
            return Parse(path, bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes, unfit);
        }
        catch (JsonException e)
        {
            throw new FormatException($"-config: {path}, line {e.LineNumber + 1}: not JSON", e);
        }
    }

    private static Dictionary<string, FlagValue> Parse(string path, byte[] bytes, Func<string, string?> unfit)
    {
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException($"-config: {path}, line {Line(bytes, reader)}: the file must be one object, {{\"node-id\": \"n1\", …}}");
        }

        var values = new Dictionary<string, FlagValue>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            var line = Line(bytes, reader);
            if (unfit(name) is { } why)
            {
                throw new FormatException($"-config: {path}, line {line}: {why}");
            }

            reader.Read();
            var text = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.True => "true",
                JsonTokenType.False => "false",
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                _ => throw new FormatException($"-config: {path}, line {line}: {name} must be a string, a number, true or false"),
            };
            if (!values.TryAdd(name, new FlagValue(text, $"{path}, line {line}")))
            {
                throw new FormatException($"-config: {path}, line {line}: {name} is there more than once");
            }
        }

        // The reader tells if something that is no JSON follows the object.
        reader.Read();
        return values;
    }

    private static int Line(byte[] bytes, in Utf8JsonReader reader) => bytes.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n') + 1;
}
