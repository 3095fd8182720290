using System.Buffers;
using System.Text;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>inet and cidr: stored as text.</summary>
internal sealed class InetCodec(bool cidr) : Codec
{
    private const byte Version4 = 2;
    private const byte Version6 = 3;

    private readonly string _name = cidr ? "cidr" : "inet";

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        output.SetText(Encoding.ASCII.GetBytes(InetAddress.Parse(text, cidr).ToString(cidr)));

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        output.Write(Encoding.ASCII.GetBytes(Read(value).ToString(cidr)));

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var header = Binary.Take(ref data, 4);
        var length = header[0] switch
        {
            Version4 => 4,
            Version6 => 16,
            _ => throw TypeErrors.Binary($"invalid address family in external \"{_name}\" value"),
        };
        if (header[1] > length * 8)
        {
            throw TypeErrors.Binary($"invalid bits in external \"{_name}\" value");
        }

        if (header[3] != length)
        {
            throw TypeErrors.Binary($"invalid length in external \"{_name}\" value");
        }

        var address = new InetAddress(Binary.Exact(data, length), header[1]);
        if (cidr && !address.IsNetwork)
        {
            throw new TypeException(
                SqlState.InvalidBinaryRepresentation, "invalid external \"cidr\" value", "Value has bits set to right of mask.");
        }

        output.SetText(Encoding.ASCII.GetBytes(address.ToString(cidr)));
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var address = Read(value);
        output.Write([address.IsVersion6 ? Version6 : Version4, (byte)address.Prefix, cidr ? (byte)1 : (byte)0, (byte)address.Bytes.Length]);
        output.Write(address.Bytes);
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Math.Sign(Read(left).CompareTo(Read(right)));

    private InetAddress Read(in SqliteValue value) => InetAddress.Parse(Stored.RequireText(value, _name), cidr);
}
