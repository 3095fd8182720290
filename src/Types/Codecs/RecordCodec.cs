using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>record: a row of anonymous type, which is its text. It can only be made by a statement.</summary>
internal sealed class RecordCodec : TextCodec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        throw TypeErrors.NotSupported("input of anonymous composite types is not implemented");

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        throw TypeErrors.NotSupported("input of anonymous composite types is not implemented");

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        throw TypeErrors.NotSupported("the binary form of type record is not supported");
}
