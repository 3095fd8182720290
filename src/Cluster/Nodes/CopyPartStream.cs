namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Reads the parts of a copy out of an answer, up to the first frame of another kind, which stays in <see cref="Next"/>.</summary>
internal sealed class CopyPartStream(INodeResponse response, ReadOnlyMemory<byte> first, IdleTimeout silence) : Stream
{
    private ReadOnlyMemory<byte> _part = first[1..];

    public ReadOnlyMemory<byte>? Next { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_part.IsEmpty && Next is null)
        {
            silence.Touch();
            var frame = await response.ReadFrameAsync(silence.Token).ConfigureAwait(false)
                ?? throw new EndOfStreamException("A copy ended early.");
            silence.Suspend();
            if (frame.Length > 0 && frame.Span[0] == (byte)TailFrame.CopyPart)
            {
                _part = frame[1..];
            }
            else
            {
                Next = frame;
            }
        }

        var count = Math.Min(buffer.Length, _part.Length);
        _part[..count].CopyTo(buffer);
        _part = _part[count..];
        return count;
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
