using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>void: always an empty text.</summary>
internal sealed class VoidCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) => output.SetText(default);

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) => output.Write(default);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) => output.SetText(default);

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) => output.Write(default);
}
