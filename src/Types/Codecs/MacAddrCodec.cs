using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>macaddr (6 bytes) and macaddr8: stored as text with colons, which sorts as the bytes do.</summary>
internal sealed class MacAddrCodec(int length) : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Encoding.ASCII.GetBytes(MacAddress.Write(MacAddress.Parse(text, length))));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Encoding.ASCII.GetBytes(MacAddress.Write(Read(value))));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Encoding.ASCII.GetBytes(MacAddress.Write(Binary.Exact(data, length))));

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Read(value));

    private byte[] Read(in SqliteValue value) => MacAddress.Parse(Stored.RequireText(value, length == 6 ? "macaddr" : "macaddr8"), length);
}
