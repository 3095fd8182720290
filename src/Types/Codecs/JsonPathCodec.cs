using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>jsonpath: stored as the text that PostgreSQL prints.</summary>
internal sealed class JsonPathCodec : Codec
{
    private const byte Version = 1;

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        JsonPathWriter.Write(JsonPath.Parse(TypeErrors.RequireText(text)), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Stored.RequireText(value, "jsonpath"));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        if (data.IsEmpty)
        {
            throw TypeErrors.TooFewBytes();
        }

        if (data[0] != Version)
        {
            throw new TypeException(SqlState.InternalError, $"unsupported jsonpath version number: {data[0]}");
        }

        ReadText(data[1..], type, context, output);
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        output.Write([Version]);
        WriteText(value, type, context, output);
    }
}
