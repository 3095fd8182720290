namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Reads the chunks of a <see cref="ChunkWriteStream"/>, up to and with its end.</summary>
internal sealed class ChunkReadStream(NodeConnection connection, IdleTimeout timeout) : Stream
{
    private int _rest;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_rest == 0 && !_ended && !buffer.IsEmpty)
        {
            timeout.Touch();
            await connection.EnsureAsync(4, timeout.Token).ConfigureAwait(false);
            timeout.Suspend();
            _rest = connection.TakeInt32();
            if (_rest is < 0 or > ChunkWriteStream.ChunkMax)
            {
                throw new InvalidDataException("A chunk of a copy has an impossible length.");
            }

            _ended = _rest == 0;
        }

        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        timeout.Touch();
        var read = await connection.ReadSomeAsync(buffer[..Math.Min(buffer.Length, _rest)], timeout.Token).ConfigureAwait(false);
        if (read == 0)
        {
            throw new EndOfStreamException();
        }

        timeout.Suspend();
        _rest -= read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
