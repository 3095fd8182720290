using System.Buffers;
using System.Globalization;

namespace Rqlite.Pg.Types.Values;

/// <summary>The elements of an array, and the sizes of its dimensions.</summary>
/// <param name="Elements">The text of each element in order, null for NULL.</param>
public sealed record ArrayParts(int[] Dimensions, IReadOnlyList<byte[]?> Elements);

/// <summary>The text syntax of arrays: <c>{1,2,NULL}</c>, <c>{{"a b",c},{d,"e\"f"}}</c>.</summary>
public static class ArrayText
{
    /// <summary>PostgreSQL's limit of dimensions.</summary>
    public const int DimensionsMax = 6;

    public static ArrayParts Parse(ReadOnlySpan<byte> text, byte delimiter)
    {
        var reader = new ArrayReader(text, delimiter);
        return reader.Read();
    }

    public static void WriteElement(ReadOnlySpan<byte> text, byte delimiter, IBufferWriter<byte> output)
    {
        if (!NeedsQuotes(text, delimiter))
        {
            output.Write(text);
            return;
        }

        output.Write("\""u8);
        foreach (var b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
            {
                output.Write("\\"u8);
            }

            output.Write([b]);
        }

        output.Write("\""u8);
    }

    /// <summary>Opens or closes the braces around element number <paramref name="index"/>.</summary>
    /// <param name="close">Whether the element has been written.</param>
    public static void WriteBraces(ReadOnlySpan<int> dimensions, int index, bool close, IBufferWriter<byte> output)
    {
        var size = 1;
        for (var i = dimensions.Length - 1; i >= 0; i--)
        {
            size *= dimensions[i];
            if ((close ? index + 1 : index) % size != 0)
            {
                break;
            }

            output.Write(close ? "}"u8 : "{"u8);
        }
    }

    internal static TypeException Malformed(ReadOnlySpan<byte> text, string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{TypeErrors.Show(text)}\"", detail);

    private static bool NeedsQuotes(ReadOnlySpan<byte> text, byte delimiter)
    {
        if (text.IsEmpty || AsciiText.EqualsIgnoreCase(text, "null"u8))
        {
            return true;
        }

        foreach (var b in text)
        {
            if (b is (byte)'"' or (byte)'\\' or (byte)'{' or (byte)'}' || b == delimiter || AsciiText.IsSpace(b))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads bounds before the braces: only arrays that begin at 1 can be stored.</summary>
    internal static int[] ParseBounds(ReadOnlySpan<byte> whole, ref ReadOnlySpan<byte> rest)
    {
        var sizes = new List<int>();
        var others = false;
        while (true)
        {
            rest = rest.TrimStart(AsciiText.Space);
            if (rest.IsEmpty || rest[0] != '[')
            {
                break;
            }

            if (sizes.Count == DimensionsMax)
            {
                throw TooMany(sizes.Count + 1);
            }

            rest = rest[1..].TrimStart(AsciiText.Space);
            if (!TryBound(ref rest, out var first))
            {
                throw Malformed(whole, "\"[\" must introduce explicitly-specified array dimensions.");
            }

            var last = first;
            if (!rest.IsEmpty && rest[0] == ':')
            {
                rest = rest[1..];
                if (!TryBound(ref rest, out last))
                {
                    throw Malformed(whole, "Missing array dimension value.");
                }
            }
            else
            {
                first = 1;
            }

            if (rest.IsEmpty || rest[0] != ']')
            {
                throw Malformed(whole, "Missing \"]\" after array dimensions.");
            }

            rest = rest[1..];
            if (last < first)
            {
                throw new TypeException(SqlState.ArrayElementError, "upper bound cannot be less than lower bound");
            }

            others |= first != 1;
            sizes.Add(last - first + 1);
        }

        if (sizes.Count > 0)
        {
            if (rest.IsEmpty || rest[0] != '=')
            {
                throw Malformed(whole, "Missing \"=\" after array dimensions.");
            }

            rest = rest[1..].TrimStart(AsciiText.Space);
        }

        return others ? throw TypeErrors.NotSupported("arrays with lower bounds other than 1 are not supported") : [.. sizes];
    }

    internal static TypeException TooMany(int dimensions) => new(
        SqlState.ProgramLimitExceeded, string.Create(
            CultureInfo.InvariantCulture, $"number of array dimensions ({dimensions}) exceeds the maximum allowed ({DimensionsMax})"));

    private static bool TryBound(ref ReadOnlySpan<byte> rest, out int value)
    {
        if (!NumberText.TryInteger(rest, out value, out var length))
        {
            throw new TypeException(SqlState.ProgramLimitExceeded, "array bound is out of integer range");
        }

        rest = rest[length..];
        return length > 0;
    }
}
