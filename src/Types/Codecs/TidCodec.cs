using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>tid: a block and an offset, stored as the text <c>(0,1)</c>.</summary>
internal sealed class TidCodec : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Write(Parse(text), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Write(Read(value), output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output) => Write(
        (BinaryPrimitives.ReadUInt32BigEndian(Binary.Exact(data, 6)), BinaryPrimitives.ReadUInt16BigEndian(data[4..])), output.BeginText());

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var (block, offset) = Read(value);
        Binary.WriteInt32(output, unchecked((int)block));
        Binary.WriteInt16(output, unchecked((short)offset));
    }

    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type) => Read(left).CompareTo(Read(right));

    private static void Write((uint Block, ushort Offset) value, IBufferWriter<byte> output) =>
        output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"({value.Block},{value.Offset})")));

    private static (uint Block, ushort Offset) Read(in SqliteValue value) => Parse(Stored.RequireText(value, "tid"));

    private static (uint Block, ushort Offset) Parse(ReadOnlySpan<byte> text)
    {
        var open = text.IndexOf((byte)'(');
        var comma = text.IndexOf((byte)',');
        var close = text.IndexOf((byte)')');
        return open >= 0 && open < comma && comma < close
            && long.TryParse(
                text[(open + 1)..comma], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var block)
            && block is >= int.MinValue and <= uint.MaxValue
            && ushort.TryParse(text[(comma + 1)..close], NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var offset)
                ? (unchecked((uint)block), offset)
                : throw TypeErrors.Syntax("tid", text);
    }
}
