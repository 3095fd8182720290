using System.Text.Json;
using Rqlite.Pg.Http;

namespace Rqlite.Pg.Host;

/// <summary>
/// The value of <c>-query-log</c>: nothing, <c>stderr</c>, or a file of JSON, as in rqlite; or, which rqlite has not, the duration itself.
/// </summary>
internal static class QueryLog
{
    private const int FileBytesMax = 64 << 10;

    /// <summary>rqlite's threshold.</summary>
    private static readonly TimeSpan s_default = TimeSpan.FromSeconds(10);

    /// <summary>The duration from which on a statement is logged; null for none.</summary>
    /// <exception cref="FormatException">The flag's value, or its file, cannot be.</exception>
    public static TimeSpan? ThresholdOf(string flag) => flag switch
    {
        "" => null,
        "stderr" => s_default,
        _ when GoDuration.TryParse(flag, out var duration) => Require(duration, flag),
        _ => OfFile(flag),
    };

    private static TimeSpan OfFile(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > FileBytesMax })
            {
                throw new FormatException($"-query-log: {path} is larger than {FileBytesMax} bytes");
            }

            var threshold = s_default;
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 4 });
            foreach (var property in document.RootElement.EnumerateObject())
            {
                threshold = property.Name switch
                {
                    "duration" => GoDuration.TryParse(property.Value.GetString() ?? "", out var given)
                        ? Require(given, property.Value.GetString()!)
                        : throw new FormatException($"-query-log: \"duration\" in {path} must be a duration such as \"500ms\" or \"10s\""),
                    "no_expanded_sql" when property.Value.ValueKind == JsonValueKind.True => threshold,
                    "no_expanded_sql" => throw new FormatException(
                        $"-query-log: parameters are never logged, so \"no_expanded_sql\" in {path} can only be true"),
                    var other => throw new FormatException($"-query-log: {path} has \"{other}\", which is not known; it may have \"duration\" and \"no_expanded_sql\""),
                };
            }

            return threshold;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"-query-log: {path} is not a JSON object such as {{\"duration\": \"500ms\"}}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"-query-log: neither stderr nor a duration nor a file that can be read: {path}: {e.Message}", e);
        }
    }

    private static TimeSpan Require(TimeSpan duration, string text) =>
        duration >= TimeSpan.Zero ? duration : throw new FormatException($"-query-log: {text} is negative");
}
