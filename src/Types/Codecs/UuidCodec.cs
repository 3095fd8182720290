using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>uuid: stored as 36 characters in lower case; a blob of 16 bytes is read as well.</summary>
internal sealed class UuidCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Write(Uuids.Parse(text), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Write(Read(value), output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        Write(new Guid(Binary.Exact(data, 16), bigEndian: true), output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        _ = Read(value).TryWriteBytes(output.GetSpan(16), bigEndian: true, out var length);
        output.Advance(length);
    }

    private static void Write(Guid value, IBufferWriter<byte> output)
    {
        _ = value.TryFormat(output.GetSpan(36), out var length);
        output.Advance(length);
    }

    private static Guid Read(in SqliteValue value) => value is { Class: StorageClass.Blob, Bytes.Length: 16 }
        ? new Guid(value.Bytes, bigEndian: true)
        : Uuids.Parse(Stored.RequireText(value, "uuid"));
}
