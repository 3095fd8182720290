namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>A stream of unknown length inside a connection: chunks with their length, an empty one at the end.</summary>
internal sealed class ChunkWriteStream(NodeConnection connection, IdleTimeout timeout) : Stream
{
    public const int ChunkMax = 1 << 20;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            var chunk = buffer[..Math.Min(buffer.Length, ChunkMax)];
            connection.Output.WriteInt32(chunk.Length);
            await connection.WriteThroughAsync(chunk, timeout.Token).ConfigureAwait(false);
            timeout.Touch();
            buffer = buffer[chunk.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public async ValueTask CompleteAsync()
    {
        connection.Output.WriteInt32(0);
        await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
        timeout.Touch();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => connection.FlushAsync(timeout.Token).AsTask();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
