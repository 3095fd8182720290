using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>Values of any type as JSON: numbers and booleans as such, moments in ISO 8601, all else as strings of their text.</summary>
internal static class JsonValues
{
    private enum Form
    {
        Text,
        Boolean,
        Number,
        Date,
        Timestamp,
        TimestampTz,
        Json,
        Array,
        Row,
    }

    /// <summary>The type that a call carries for a row whose value is its JSON text already: json with a modifier, which no other json has.</summary>
    public static PgType RowAsJson { get; } = new(PgTypes.Json, 0);

    public static bool IsArray(PgType type) => FormOf(type) == Form.Array;

    public static bool IsRow(PgType type) => type == RowAsJson || FormOf(type) == Form.Row;

    /// <summary>Writes a value as json.</summary>
    public static void Write(in SqliteValue value, PgType type, in ValueContext context, ArrayBufferWriter<byte> output)
    {
        if (value.Class == StorageClass.Null)
        {
            output.Write("null"u8);
            return;
        }

        switch (FormOf(type))
        {
            case Form.Boolean:
                output.Write(value.Integer != 0 ? "true"u8 : "false"u8);
                break;
            case Form.Json:
                Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
                RequireDepth(Stored.Text(value, buffer));
                output.Write(Stored.Text(value, buffer));
                break;
            case Form.Array:
                WriteArray(value, type, context, output, pretty: false);
                break;
            default:
                WriteScalar(value, type, context, output, asKey: false);
                break;
        }

        ResultSize.Require(output.WrittenCount);
    }

    /// <summary>Writes a value as an object's key.</summary>
    /// <exception cref="TypeException">22023: the value is no scalar.</exception>
    public static void WriteKey(in SqliteValue value, PgType type, in ValueContext context, ArrayBufferWriter<byte> output)
    {
        if (FormOf(type) is Form.Json or Form.Array or Form.Row)
        {
            throw new TypeException(SqlState.InvalidParameterValue, "key value must be scalar, not array, composite, or json");
        }

        WriteScalar(value, type, context, output, asKey: true);
    }

    /// <param name="pretty">A line for every element of the first dimension.</param>
    public static void WriteArray(in SqliteValue value, PgType type, in ValueContext context, ArrayBufferWriter<byte> output, bool pretty)
    {
        var element = new PgType(PgTypes.ElementOf(type.Oid), type.Modifier);
        var (dimensions, elements) = JsonElements.Read(value, element.Oid, PgTypes.SqlNameOf(type.Oid));
        if (elements.Count == 0)
        {
            output.Write("[]"u8);
            return;
        }

        var rowSize = elements.Count / dimensions[0];
        for (var i = 0; i < elements.Count; i++)
        {
            if (i > 0)
            {
                output.Write(","u8);
                output.Write(pretty && i % rowSize == 0 ? "\n "u8 : default);
            }

            JsonElements.WriteBrackets(output, dimensions, i, close: false);
            Write(elements[i].Value, element, context, output);
            JsonElements.WriteBrackets(output, dimensions, i, close: true);
        }
    }

    /// <summary>A value as jsonb.</summary>
    public static JsonNode ToNode(in SqliteValue value, PgType type, in ValueContext context)
    {
        switch (FormOf(type))
        {
            case var _ when value.Class == StorageClass.Null:
                return JsonNode.Null;
            case Form.Boolean:
                return value.Integer != 0 ? JsonNode.True : JsonNode.False;
            case Form.Json:
                Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
                return JsonParser.Parse(Stored.Text(value, buffer));
            default:
                var json = new ArrayBufferWriter<byte>();
                Write(value, type, context, json);
                return JsonParser.Parse(json.WrittenSpan);
        }
    }

    /// <summary>The characters of a key.</summary>
    public static byte[] ToKey(in SqliteValue value, PgType type, in ValueContext context)
    {
        var json = new ArrayBufferWriter<byte>();
        WriteKey(value, type, context, json);
        return JsonScanner.Unquote(json.WrittenSpan).ToArray();
    }

    /// <summary>Checks that a value may be put into another one.</summary>
    public static void RequireDepth(ReadOnlySpan<byte> json)
    {
        if (json.Length > JsonParser.DepthMax && JsonScanner.Depth(json) >= JsonParser.DepthMax)
        {
            throw JsonParser.TooDeep();
        }
    }

    private static Form FormOf(PgType type) => type.Oid switch
    {
        PgTypes.Bool => Form.Boolean,
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 or PgTypes.Float4 or PgTypes.Float8 or PgTypes.Numeric => Form.Number,
        PgTypes.Date => Form.Date,
        PgTypes.Timestamp => Form.Timestamp,
        PgTypes.TimestampTz => Form.TimestampTz,
        PgTypes.Json or PgTypes.Jsonb => Form.Json,
        PgTypes.Record or PgTypes.RecordArray => Form.Row,
        var oid => PgTypes.ElementOf(oid) != 0 ? Form.Array : Form.Text,
    };

    private static void WriteScalar(in SqliteValue value, PgType type, in ValueContext context, ArrayBufferWriter<byte> output, bool asKey)
    {
        Span<byte> moment = stackalloc byte[DateTimeText.LengthMax];
        switch (FormOf(type))
        {
            case Form.Row:
                throw TypeErrors.NotSupported("rows cannot be converted to JSON");
            case Form.Boolean:
                JsonText.WriteString(value.Integer != 0 ? "true"u8 : "false"u8, output);
                return;
            case Form.Date:
                JsonText.WriteString(moment[..DateTimeText.WriteStoredDate(moment, StoredMoment.Date(value))], output);
                return;
            case Form.Timestamp:
                JsonText.WriteString(IsoMoment.Write(moment, StoredMoment.Timestamp(value, withZone: false), zone: null), output);
                return;
            case Form.TimestampTz:
                var zone = context.Settings.TimeZone;
                JsonText.WriteString(IsoMoment.Write(moment, StoredMoment.Timestamp(value, withZone: true), zone), output);
                return;
        }

        var text = new ArrayBufferWriter<byte>();
        Codec.For(type.Oid).WriteText(value, type, context, text);
        if (FormOf(type) == Form.Number && !asKey && text.WrittenSpan[^1] is >= (byte)'0' and <= (byte)'9')
        {
            output.Write(text.WrittenSpan);
        }
        else
        {
            JsonText.WriteString(text.WrittenSpan, output);
        }
    }
}
