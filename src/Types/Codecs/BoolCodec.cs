using System.Buffers;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>boolean: stored as 0 or 1.</summary>
internal sealed class BoolCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(Booleans.Parse(text) ? 1 : 0);

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Read(value) ? "t"u8 : "f"u8);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        output.SetInteger(Binary.Exact(data, 1)[0] != 0 ? 1 : 0);

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Read(value) ? [1] : [0]);

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private static bool Read(in SqliteValue value) => value.Class switch
    {
        StorageClass.Integer when value.Integer is 0 or 1 => value.Integer == 1,
        StorageClass.Real when value.Real is 0 or 1 => value.Real == 1,
        StorageClass.Text => Booleans.Parse(value.Bytes),
        StorageClass.Integer => throw TypeErrors.Stored("boolean", value.Integer.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw TypeErrors.Syntax("boolean", value.Bytes),
    };
}
