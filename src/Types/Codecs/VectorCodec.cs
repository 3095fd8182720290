using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>int2vector and oidvector: numbers with blanks between, counted from 0; stored as their text.</summary>
internal sealed class VectorCodec(PgTypeInfo info) : Codec
{
    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output) =>
        Write(Parse(text), output.BeginText());

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output) =>
        Write(Parse(Stored.RequireText(value, info.SqlName)), output);

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var (levels, flags) = (Binary.ReadInt32(ref data), Binary.ReadInt32(ref data));
        var element = BinaryPrimitives.ReadUInt32BigEndian(Binary.Take(ref data, 4));
        if (levels != 1 || flags != 0 || element != info.ElementOid)
        {
            throw TypeErrors.Binary($"invalid {info.SqlName} data");
        }

        var count = Binary.ReadInt32(ref data);
        var lower = Binary.ReadInt32(ref data);
        if (lower != 0 || count < 0 || count > data.Length / 4)
        {
            throw TypeErrors.Binary($"invalid {info.SqlName} data");
        }

        var numbers = new List<long>(count);
        for (var i = 0; i < count; i++)
        {
            var length = Binary.ReadInt32(ref data);
            var item = Binary.Exact(Binary.Take(ref data, length), info.ElementOid == PgTypes.Int2 ? 2 : 4);
            numbers.Add(item.Length == 2 ? BinaryPrimitives.ReadInt16BigEndian(item) : BinaryPrimitives.ReadUInt32BigEndian(item));
        }

        Write(data.IsEmpty ? numbers : throw TypeErrors.Binary(), output.BeginText());
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var numbers = Parse(Stored.RequireText(value, info.SqlName));
        Binary.WriteInt32(output, 1);
        Binary.WriteInt32(output, 0);
        Binary.WriteInt32(output, unchecked((int)info.ElementOid));
        Binary.WriteInt32(output, numbers.Count);
        Binary.WriteInt32(output, 0);
        foreach (var number in numbers)
        {
            if (info.ElementOid == PgTypes.Int2)
            {
                Binary.WriteInt32(output, 2);
                Binary.WriteInt16(output, (short)number);
            }
            else
            {
                Binary.WriteInt32(output, 4);
                Binary.WriteInt32(output, unchecked((int)number));
            }
        }
    }

    /// <summary>Orders by length, then by the numbers.</summary>
    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type)
    {
        var a = Parse(Stored.RequireText(left, info.SqlName));
        var b = Parse(Stored.RequireText(right, info.SqlName));
        if (a.Count != b.Count)
        {
            return a.Count.CompareTo(b.Count);
        }

        for (var i = 0; i < a.Count; i++)
        {
            if (a[i] != b[i])
            {
                return a[i].CompareTo(b[i]);
            }
        }

        return 0;
    }

    private static void Write(List<long> numbers, IBufferWriter<byte> output)
    {
        for (var i = 0; i < numbers.Count; i++)
        {
            output.Write(i == 0 ? default : " "u8);
            _ = System.Buffers.Text.Utf8Formatter.TryFormat(numbers[i], output.GetSpan(20), out var length);
            output.Advance(length);
        }
    }

    private List<long> Parse(ReadOnlySpan<byte> text)
    {
        var numbers = new List<long>();
        var rest = text.TrimStart(AsciiText.Space);
        while (!rest.IsEmpty)
        {
            var end = 0;
            while (end < rest.Length && !AsciiText.IsSpace(rest[end]))
            {
                end++;
            }

            // An OID ends where its digits end, whatever follows.
            var item = rest[..end];
            if (info.ElementOid == PgTypes.Oid && item.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is > 0 and var digits)
            {
                item = item[..digits];
            }

            numbers.Add(info.ElementOid == PgTypes.Int2 ? Integers.ParseInt2(item) : Integers.ParseOid(item));
            rest = rest[item.Length..].TrimStart(AsciiText.Space);
        }

        return numbers;
    }
}
