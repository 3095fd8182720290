using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>
/// Bind: the names of a portal and of its statement, the values of parameters, and the formats of the result. An error after the names is kept
/// with the fields before it, since PostgreSQL checks each field against the statement before it reads the next.
/// </summary>
internal readonly record struct BindMessage(string Portal, string Statement)
{
    private static readonly short[] s_none = [];

    /// <summary>The number of parameters that the message announces.</summary>
    public int ParameterCount { get; private init; }

    /// <summary>The values that could be read: fewer than announced if <see cref="ValuesError"/> is set. Texts are in UTF-8; all else lies in the message's frame.</summary>
    public ParameterValue[] Values { get; private init; } = [];

    /// <summary>The format codes of the result: none, one for all columns, or one for each.</summary>
    public short[] ResultFormats { get; private init; } = s_none;

    /// <summary>The error in the formats or the number of the parameters.</summary>
    public PgException? HeadError { get; private init; }

    /// <summary>The error in a value or in a later field.</summary>
    public PgException? ValuesError { get; private init; }

    /// <exception cref="PgException">The names cannot be read.</exception>
    public static BindMessage Read(ReadOnlyMemory<byte> body, ClientEncoding encoding)
    {
        var reader = new MessageReader(body.Span, encoding);
        var message = new BindMessage(reader.ReadText(), reader.ReadText());
        short[] formats;
        int count;
        try
        {
            formats = ReadFormats(ref reader);
            count = reader.ReadUInt16();
            if (formats.Length > 1 && formats.Length != count)
            {
                throw PgException.Protocol($"bind message has {formats.Length} parameter formats but {count} parameters");
            }
        }
        catch (PgException exception)
        {
            return message with { HeadError = exception };
        }

        var values = count == 0 ? [] : new ParameterValue[count];
        var read = 0;
        try
        {
            if (reader.Left < 4 * count)
            {
                throw PgException.Protocol("insufficient data left in message");
            }

            for (; read < count; read++)
            {
                var binary = formats.Length > 0 && formats[formats.Length == 1 ? 0 : read] == 1;
                var data = ReadValue(ref reader, body);
                values[read] = new ParameterValue(!binary && data is { } text ? encoding.ToUtf8(text) : data, binary);
            }

            var resultFormats = ReadFormats(ref reader);
            reader.End();
            return message with { ParameterCount = count, Values = values, ResultFormats = resultFormats };
        }
        catch (PgException exception)
        {
            return message with { ParameterCount = count, Values = values[..read], ValuesError = exception };
        }
    }

    private static ReadOnlyMemory<byte>? ReadValue(ref MessageReader reader, ReadOnlyMemory<byte> body)
    {
        var length = reader.ReadInt32();
        if (length == -1)
        {
            return null;
        }

        var start = body.Length - reader.Left;
        reader.ReadBytes(length);
        return body.Slice(start, length);
    }

    private static short[] ReadFormats(ref MessageReader reader)
    {
        var count = reader.ReadUInt16();
        if (reader.Left < 2 * count)
        {
            throw PgException.Protocol("insufficient data left in message");
        }

        var formats = count == 0 ? s_none : new short[count];
        for (var i = 0; i < count; i++)
        {
            formats[i] = reader.ReadInt16();
            if (formats[i] is not (0 or 1))
            {
                throw new PgException(SqlState.InvalidParameterValue, $"unsupported format code: {formats[i]}");
            }
        }

        return formats;
    }
}
