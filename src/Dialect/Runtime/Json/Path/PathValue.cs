using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>A value while a jsonpath is evaluated: JSON, or a moment that datetime() has read.</summary>
internal readonly record struct PathValue(JsonNode Node, PathMoment? Moment = null)
{
    /// <summary>The kind of a JSON value; null for a moment.</summary>
    public JsonKind? Kind => Moment is null ? Node.Kind : null;

    public bool IsArray => Kind == JsonKind.Array;

    public bool IsObject => Kind == JsonKind.Object;

    public bool IsContainer => IsArray || IsObject;

    public static PathValue Number(Numeric value) => new(JsonNode.FromNumber(value));

    public static PathValue Text(string text) => new(JsonNode.FromText(System.Text.Encoding.UTF8.GetBytes(text)));

    public static PathValue Boolean(bool value) => new(value ? JsonNode.True : JsonNode.False);

    /// <summary>The value as JSON: a moment is a string.</summary>
    public JsonNode ToNode() => Moment is null ? Node : JsonNode.FromText(Moment.ToText());
}

/// <summary>A date, time or timestamp.</summary>
/// <param name="Type">The OID of its type.</param>
/// <param name="Value">Days for a date, microseconds otherwise; local time for timetz.</param>
/// <param name="Offset">The offset that the text gave, in seconds east of Greenwich.</param>
internal sealed record PathMoment(uint Type, long Value, int Offset)
{
    public byte[] ToText()
    {
        Span<byte> buffer = stackalloc byte[DateTimeText.LengthMax];
        return Type switch
        {
            PgTypes.Date => buffer[..DateTimeText.WriteStoredDate(buffer, (int)Value)].ToArray(),
            PgTypes.Time => buffer[..DateTimeText.WriteTime(buffer, Value)].ToArray(),
            PgTypes.TimeTz => IsoMoment.WriteTime(buffer, new TimeTz(Value, Offset)).ToArray(),
            PgTypes.Timestamp => IsoMoment.Write(buffer, Value, zone: null).ToArray(),
            _ => IsoMoment.Write(buffer, Value, Offset).ToArray(),
        };
    }
}

/// <summary>The truth of a predicate.</summary>
internal enum PathTruth : byte
{
    False,
    True,
    Unknown,
}

/// <summary>How the evaluation of an item ended.</summary>
internal enum PathResult : byte
{
    Ok,
    NotFound,

    /// <summary>An error that a predicate or a silent call passes over.</summary>
    Error,
}
