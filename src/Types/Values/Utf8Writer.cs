using System.Buffers;
using System.Buffers.Text;

namespace Rqlite.Pg.Types.Values;

/// <summary>Writes ASCII text of bounded length into a buffer that the caller has sized.</summary>
internal ref struct Utf8Writer(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    public void Byte(byte value) => _buffer[Length++] = value;

    public void Byte(char value) => _buffer[Length++] = (byte)value;

    public void Literal(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_buffer[Length..]);
        Length += text.Length;
    }

    public void Number(long value)
    {
        _ = Utf8Formatter.TryFormat(value, _buffer[Length..], out var written);
        Length += written;
    }

    /// <summary>Writes a number that is not negative with leading zeros up to <paramref name="digits"/> digits.</summary>
    public void Padded(long value, int digits)
    {
        _ = Utf8Formatter.TryFormat(value, _buffer[Length..], out var written, new StandardFormat('D', (byte)digits));
        Length += written;
    }

    /// <summary>Writes microseconds of a second as a fraction without trailing zeros; nothing for 0.</summary>
    public void Fraction(long microseconds)
    {
        if (microseconds == 0)
        {
            return;
        }

        Byte('.');
        Padded(microseconds, 6);
        while (_buffer[Length - 1] == '0')
        {
            Length--;
        }
    }
}
