using System.Buffers;
using System.Buffers.Binary;

namespace Rqlite.Pg.Wire.Session;

/// <summary>DataRow frames that wait for their portal to be executed again.</summary>
internal sealed class RowFrames
{
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private int _position;

    public IBufferWriter<byte> Writer => _bytes;

    public int Bytes => _bytes.Capacity;

    /// <summary>Sends up to <paramref name="max"/> rows (0 for all) and returns whether those were all.</summary>
    public bool Send(IBufferWriter<byte> output, long max, out long rows)
    {
        rows = 0;
        var bytes = _bytes.WrittenSpan;
        var start = _position;
        while (_position < bytes.Length && (max == 0 || rows < max))
        {
            _position += 1 + BinaryPrimitives.ReadInt32BigEndian(bytes[(_position + 1)..]);
            rows++;
        }

        output.Write(bytes[start.._position]);

        // As for a live result: the limit suspends even if no row is left after it.
        return max == 0 || rows < max;
    }
}
