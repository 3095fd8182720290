using System.Buffers;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>A type of PostgreSQL that this server knows by name alone: money, xml, geometry, text search, pseudo types.</summary>
internal sealed class RefusedCodec(PgTypeInfo info) : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) => throw Refused();

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) => throw Refused();

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) => throw Refused();

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) => throw Refused();

    private TypeException Refused() => TypeErrors.NotSupported(
        info.Kind == 'p' ? $"cannot accept a value of type {info.SqlName}" : $"type {info.SqlName} is not supported");
}
