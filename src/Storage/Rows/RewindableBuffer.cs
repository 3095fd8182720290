using System.Buffers;

namespace Rqlite.Pg.Storage;

/// <summary>A growing buffer whose end can be set back.</summary>
internal sealed class RewindableBuffer : IBufferWriter<byte>
{
    private const int KeptLengthMax = 1 << 20;

    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }

    public Span<byte> this[Range range] => _bytes.AsSpan(0, Length)[range];

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Rewind(int length) => Length = length;

    /// <summary>Empties the buffer, and frees its memory if an unusually large result made it grow.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptLengthMax)
        {
            _bytes = new byte[4096];
        }
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Grow(int sizeHint)
    {
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _bytes.Length)));
        }
    }
}
