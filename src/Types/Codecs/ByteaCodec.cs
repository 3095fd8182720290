using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>bytea: stored as a blob.</summary>
internal sealed class ByteaCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Bytea.Parse(text, output.BeginBlob());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        Bytea.Write(Bytes(value, buffer), context.Settings.ByteaEscape, output);
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) => output.SetBlob(data);

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        Span<byte> buffer = stackalloc byte[FloatText.LengthMax];
        output.Write(Bytes(value, buffer));
    }

    private static ReadOnlySpan<byte> Bytes(in SqliteValue value, Span<byte> buffer) =>
        value.Class is StorageClass.Blob or StorageClass.Text ? value.Bytes : Stored.Text(value, buffer);
}
