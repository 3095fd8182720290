namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Writes a stream as <see cref="TailFrame.CopyPart"/> frames.</summary>
internal sealed class AnswerStream(INodeAnswer answer, int partMax) : Stream
{
    private readonly byte[] _frame = new byte[partMax + 1];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _frame[0] = (byte)TailFrame.CopyPart;
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, partMax)];
            part.CopyTo(_frame.AsMemory(1));
            await answer.WriteFrameAsync(_frame.AsMemory(0, part.Length + 1), cancellationToken).ConfigureAwait(false);
            buffer = buffer[part.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => answer.FlushAsync(cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
