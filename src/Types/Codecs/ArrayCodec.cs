using System.Buffers;
using System.Buffers.Binary;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Types.Codecs;

/// <summary>Arrays of any element type, stored as JSON text.</summary>
internal sealed class ArrayCodec(PgTypeInfo info) : Codec
{
    private readonly uint _element = info.ElementOid;
    private readonly byte _delimiter = (byte)info.Delimiter;
    private readonly Codec _codec = For(info.ElementOid);

    public override void ReadText(ReadOnlySpan<byte> text, PgType type, in ValueContext context, StoredValue output)
    {
        var parts = ArrayText.Parse(TypeErrors.RequireText(text), _delimiter);
        var target = output.BeginText();
        if (parts.Elements.Count == 0)
        {
            target.Write("[]"u8);
            return;
        }

        var element = new StoredValue();
        for (var i = 0; i < parts.Elements.Count; i++)
        {
            if (parts.Elements[i] is { } item)
            {
                _codec.ReadText(item, new PgType(_element, type.Modifier), context, element);
            }
            else
            {
                element.SetNull();
            }

            WriteStored(target, parts.Dimensions, i, parts.Elements.Count, element.Value);
        }
    }

    public override void WriteText(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var (dimensions, elements) = JsonElements.Read(value, _element, info.SqlName);
        if (elements.Count == 0)
        {
            output.Write("{}"u8);
            return;
        }

        var text = new ArrayBufferWriter<byte>();
        for (var i = 0; i < elements.Count; i++)
        {
            ArrayText.WriteBraces(dimensions, i, close: false, output);
            if (elements[i].Value.Class == StorageClass.Null)
            {
                output.Write("NULL"u8);
            }
            else
            {
                text.ResetWrittenCount();
                _codec.WriteText(elements[i].Value, new PgType(_element, type.Modifier), context, text);
                ArrayText.WriteElement(text.WrittenSpan, _delimiter, output);
            }

            ArrayText.WriteBraces(dimensions, i, close: true, output);
            if (i < elements.Count - 1)
            {
                output.Write([_delimiter]);
            }
        }
    }

    public override void ReadBinary(ReadOnlySpan<byte> data, PgType type, in ValueContext context, StoredValue output)
    {
        var dimensions = ReadHeader(ref data, out var count);
        var target = output.BeginText();
        if (count == 0)
        {
            target.Write("[]"u8);
            return;
        }

        var element = new StoredValue();
        for (var i = 0; i < count; i++)
        {
            var length = Binary.ReadInt32(ref data);
            if (length == -1)
            {
                element.SetNull();
            }
            else
            {
                _codec.ReadBinary(Binary.Take(ref data, length), new PgType(_element, type.Modifier), context, element);
            }

            WriteStored(target, dimensions, i, count, element.Value);
        }

        if (!data.IsEmpty)
        {
            throw TypeErrors.Binary();
        }
    }

    public override void WriteBinary(in SqliteValue value, PgType type, in ValueContext context, IBufferWriter<byte> output)
    {
        var (dimensions, elements) = JsonElements.Read(value, _element, info.SqlName);
        Binary.WriteInt32(output, dimensions.Length);
        Binary.WriteInt32(output, elements.Exists(element => element.Value.Class == StorageClass.Null) ? 1 : 0);
        Binary.WriteInt32(output, unchecked((int)_element));
        foreach (var size in dimensions)
        {
            Binary.WriteInt32(output, size);
            Binary.WriteInt32(output, 1);
        }

        var bytes = new ArrayBufferWriter<byte>();
        foreach (var element in elements)
        {
            if (element.Value.Class == StorageClass.Null)
            {
                Binary.WriteInt32(output, -1);
                continue;
            }

            bytes.ResetWrittenCount();
            _codec.WriteBinary(element.Value, new PgType(_element, type.Modifier), context, bytes);
            Binary.WriteInt32(output, bytes.WrittenCount);
            output.Write(bytes.WrittenSpan);
        }
    }

    /// <summary>Compares element by element (NULL is the largest), then by their number, then by dimensions.</summary>
    public override int Compare(in SqliteValue left, in SqliteValue right, PgType type)
    {
        var (leftSizes, leftElements) = JsonElements.Read(left, _element, info.SqlName);
        var (rightSizes, rightElements) = JsonElements.Read(right, _element, info.SqlName);
        var element = new PgType(_element, type.Modifier);
        for (var i = 0; i < Math.Min(leftElements.Count, rightElements.Count); i++)
        {
            var a = leftElements[i].Value;
            var b = rightElements[i].Value;
            var (aNull, bNull) = (a.Class == StorageClass.Null, b.Class == StorageClass.Null);
            var result = aNull || bNull ? aNull.CompareTo(bNull) : _codec.Compare(a, b, element);
            if (result != 0)
            {
                return Math.Sign(result);
            }
        }

        return leftElements.Count != rightElements.Count ? leftElements.Count.CompareTo(rightElements.Count)
            : leftSizes.Length != rightSizes.Length ? leftSizes.Length.CompareTo(rightSizes.Length)
            : leftSizes.AsSpan().SequenceCompareTo(rightSizes);
    }

    private int[] ReadHeader(ref ReadOnlySpan<byte> data, out int count)
    {
        var levels = Binary.ReadInt32(ref data);
        if (levels < 0)
        {
            throw TypeErrors.Binary($"invalid number of dimensions: {levels}");
        }

        if (levels > ArrayText.DimensionsMax)
        {
            throw ArrayText.TooMany(levels);
        }

        if (Binary.ReadInt32(ref data) is not (0 or 1))
        {
            throw TypeErrors.Binary("invalid array flags");
        }

        var element = BinaryPrimitives.ReadUInt32BigEndian(Binary.Take(ref data, 4));
        if (element != _element)
        {
            throw new TypeException(
                SqlState.DatatypeMismatch,
                $"binary data has array element type {element} ({TypeFormat.Name(element)}) "
                    + $"instead of expected {_element} ({TypeFormat.Name(_element)})");
        }

        var dimensions = new int[levels];
        var total = levels == 0 ? 0L : 1L;
        for (var i = 0; i < levels; i++)
        {
            dimensions[i] = Binary.ReadInt32(ref data);
            var lower = Binary.ReadInt32(ref data);
            if (dimensions[i] < 0 || (total *= dimensions[i]) > data.Length / 4)
            {
                throw dimensions[i] < 0
                    ? new TypeException(SqlState.ProgramLimitExceeded, "array size exceeds the maximum allowed (134217727)")
                    : TypeErrors.TooFewBytes();
            }

            if (lower != 1 && dimensions[i] > 0)
            {
                throw TypeErrors.NotSupported("arrays with lower bounds other than 1 are not supported");
            }
        }

        count = (int)total;
        return dimensions;
    }

    private static void WriteStored(IBufferWriter<byte> target, ReadOnlySpan<int> dimensions, int index, int count, in SqliteValue value)
    {
        JsonElements.WriteBrackets(target, dimensions, index, close: false);
        JsonElements.Write(value, target);
        JsonElements.WriteBrackets(target, dimensions, index, close: true);
        if (index < count - 1)
        {
            target.Write(","u8);
        }
    }
}
