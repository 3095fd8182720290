using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Wire.Messages;

/// <summary>
/// Builds a frame of unknown length in place, in the free memory of the output. Until <see cref="End"/> the output has not advanced, so a
/// frame that fails half way leaves no trace. A frame that outgrows that memory goes on in an array of its own.
/// </summary>
internal sealed class FrameWriter : IBufferWriter<byte>
{
    private const int FirstBytes = 1024;

    private IBufferWriter<byte>? _output;
    private Memory<byte> _memory;
    private byte[]? _rented;
    private int _written;

    public void Start(IBufferWriter<byte> output, byte code)
    {
        _output = output;
        _memory = output.GetMemory(FirstBytes);
        _memory.Span[0] = code;
        _written = BackendMessage.HeadBytes;
    }

    public void WriteInt16(int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(GetSpan(2), (ushort)value);
        Advance(2);
    }

    /// <summary>The position of the next byte, for <see cref="ConvertField"/> and <see cref="ConvertFrom"/>.</summary>
    public int Position => _written;

    /// <summary>Converts a field, which is its length and UTF-8, to the client's encoding.</summary>
    /// <param name="start">The position of the field, the last one so far.</param>
    public void ConvertField(int start, ClientEncoding encoding)
    {
        if (BinaryPrimitives.ReadInt32BigEndian(_memory.Span[start..]) >= 0)
        {
            ConvertFrom(start + 4, encoding);
            BinaryPrimitives.WriteInt32BigEndian(_memory.Span[start..], _written - start - 4);
        }
    }

    /// <summary>Converts all UTF-8 from a position on to the client's encoding.</summary>
    public void ConvertFrom(int start, ClientEncoding encoding) => _written = start + encoding.Convert(_memory.Span[start.._written]);

    /// <summary>Hands the frame to the output.</summary>
    public void End()
    {
        BinaryPrimitives.WriteInt32BigEndian(_memory.Span[1..], _written - 1);
        if (_rented is null)
        {
            _output!.Advance(_written);
        }
        else
        {
            _output!.Write(_memory.Span[.._written]);
        }
    }

    /// <summary>Releases output and memory, whether the frame was ended or not.</summary>
    public void Drop()
    {
        _output = null;
        _memory = default;
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    public void Advance(int count) => _written += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _memory[_written..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _memory.Span[_written..];
    }

    private void Reserve(int sizeHint)
    {
        var needed = checked(_written + Math.Max(sizeHint, 1));
        if (needed <= _memory.Length)
        {
            return;
        }

        // Asking the output for more would let it take back the memory that holds the first part.
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, (int)Math.Min(2L * _memory.Length, Array.MaxLength)));
        _memory.Span[.._written].CopyTo(larger);
        if (_rented is { } rented)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        _rented = larger;
        _memory = larger;
    }
}
