using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The one encoding of bound parameters: for each a byte with the storage class, 0x80 set if a name follows; the name, if any (int32 length,
/// UTF-8, without its prefix); then 8 bytes little-endian for a number, int32 length and bytes for text and blob. Unnamed parameters bind by
/// position in the order of their appearance; an unnamed one after named ones follows the last unnamed one. A named one binds to <c>:name</c>,
/// <c>@name</c> and <c>$name</c>; a name that the statement lacks is ignored, as rqlite does. The mark of <see cref="Statement.Ours"/>, which
/// no value of a client is encoded as, may precede them all, and so may that of <see cref="Statement.Typed"/>.
/// </summary>
public static class ParameterEncoding
{
    private const byte Named = 0x80;
    private const byte OursMark = 0x40;
    internal const byte TypedMark = 0x20;

    public static void WriteOursMark(IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = OursMark;
        output.Advance(1);
    }

    public static bool HasOursMark(ReadOnlySpan<byte> encoded) => encoded is [OursMark, ..];

    public static bool HasTypedMark(ReadOnlySpan<byte> encoded) => encoded is [TypedMark, ..];

    public static void Write(IBufferWriter<byte> output, in SqliteValue value)
    {
        switch (value.Class)
        {
            case StorageClass.Integer:
                WriteInteger(output, value.Integer);
                break;
            case StorageClass.Real:
                WriteReal(output, value.Real);
                break;
            case StorageClass.Text:
                WriteText(output, value.Bytes);
                break;
            case StorageClass.Blob:
                WriteBlob(output, value.Bytes);
                break;
            default:
                WriteNull(output);
                break;
        }
    }

    public static void WriteNull(IBufferWriter<byte> output, string? name = null) => WriteHead(output, StorageClass.Null, name);

    public static void WriteInteger(IBufferWriter<byte> output, long value, string? name = null)
    {
        WriteHead(output, StorageClass.Integer, name);
        BinaryPrimitives.WriteInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteReal(IBufferWriter<byte> output, double value, string? name = null)
    {
        WriteHead(output, StorageClass.Real, name);
        BinaryPrimitives.WriteDoubleLittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    public static void WriteText(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8, string? name = null)
    {
        WriteHead(output, StorageClass.Text, name);
        WriteBytes(output, utf8);
    }

    public static void WriteBlob(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes, string? name = null)
    {
        WriteHead(output, StorageClass.Blob, name);
        WriteBytes(output, bytes);
    }

    private static void WriteHead(IBufferWriter<byte> output, StorageClass storageClass, string? name)
    {
        output.GetSpan(1)[0] = (byte)((byte)storageClass | (name is null ? 0 : Named));
        output.Advance(1);
        if (name is not null)
        {
            var length = Encoding.UTF8.GetByteCount(name);
            var span = output.GetSpan(4 + length);
            BinaryPrimitives.WriteInt32LittleEndian(span, length);
            Encoding.UTF8.GetBytes(name, span[4..]);
            output.Advance(4 + length);
        }
    }

    private static void WriteBytes(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(4), bytes.Length);
        output.Advance(4);
        output.Write(bytes);
    }

    /// <summary>Reads encoded parameters one after the other.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such an encoding.</exception>
    public ref struct Reader(ReadOnlySpan<byte> encoded)
    {
        private ReadOnlySpan<byte> _rest = encoded is [OursMark or TypedMark, ..] ? encoded[1..] : encoded;

        /// <summary>The name without prefix as UTF-8; empty for an unnamed parameter.</summary>
        public ReadOnlySpan<byte> Name { get; private set; }

        public SqliteValue Value { get; private set; }

        public bool Read()
        {
            if (_rest.IsEmpty)
            {
                return false;
            }

            var head = _rest[0];
            _rest = _rest[1..];
            Name = (head & Named) != 0 ? TakeBytes() : default;
            Value = (StorageClass)(head & ~Named) switch
            {
                StorageClass.Null => SqliteValue.Null,
                StorageClass.Integer => SqliteValue.FromInteger(BinaryPrimitives.ReadInt64LittleEndian(Take(8))),
                StorageClass.Real => SqliteValue.FromReal(BinaryPrimitives.ReadDoubleLittleEndian(Take(8))),
                StorageClass.Text => SqliteValue.FromText(TakeBytes()),
                StorageClass.Blob => SqliteValue.FromBlob(TakeBytes()),
                _ => throw new InvalidDataException($"Unknown parameter kind {head}."),
            };
            return true;
        }

        private ReadOnlySpan<byte> TakeBytes() => Take(BinaryPrimitives.ReadInt32LittleEndian(Take(4)));

        private ReadOnlySpan<byte> Take(int length)
        {
            if ((uint)length > (uint)_rest.Length)
            {
                throw new InvalidDataException("Encoded parameters end early.");
            }

            var taken = _rest[..length];
            _rest = _rest[length..];
            return taken;
        }
    }
}
