using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>jsonb: stored as its canonical text. What another door has stored is any JSON text.</summary>
internal sealed class JsonbCodec : Codec
{
    private const byte Version = 1;

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        JsonText.Write(JsonParser.Parse(TypeErrors.RequireText(text)), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Stored.Text(value, buffer));
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        if (data.IsEmpty)
        {
            throw TypeErrors.TooFewBytes();
        }

        if (data[0] != Version)
        {
            throw new TypeException(SqlState.InternalError, $"unsupported jsonb version number {data[0]}");
        }

        ReadText(data[1..], type, context, output);
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        output.Write([Version]);
        WriteText(value, type, context, output);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Math.Sign(JsonOrder.Compare(Read(left), Read(right)));

    private static JsonNode Read(in SqliteValue value)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        return JsonParser.Parse(Stored.Text(value, buffer));
    }
}
