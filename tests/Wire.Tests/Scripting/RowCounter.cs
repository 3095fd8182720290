using System.Buffers.Binary;

namespace Rqlite.Pg.Wire.Tests.Scripting;

/// <summary>Counts DataRow and CopyData frames in a stream of bytes without keeping them.</summary>
internal sealed class RowCounter
{
    private readonly byte[] _head = new byte[5];
    private int _have;
    private long _skip;

    public int Rows { get; private set; }

    /// <summary>Each ReadyForQuery that has begun; the first one ends the startup.</summary>
    public int Readies { get; private set; }

    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            _head[_have++] = bytes[0];
            bytes = bytes[1..];
            if (_have == _head.Length)
            {
                _have = 0;
                _skip = BinaryPrimitives.ReadInt32BigEndian(_head.AsSpan(1)) - 4;
                Rows += _head[0] is (byte)'D' or (byte)'d' ? 1 : 0;
                Readies += _head[0] == 'Z' ? 1 : 0;
            }
        }
    }
}
