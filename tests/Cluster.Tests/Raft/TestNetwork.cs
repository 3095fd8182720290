using System.Collections.Concurrent;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster.Tests;

/// <summary>One node's cable: once cut, nothing that the node sends arrives any more, and nothing reaches it.</summary>
internal sealed class TestNetwork
{
    private readonly ConcurrentBag<Stream> _streams = [];
    private volatile bool _cut;
    private volatile bool _silent;

    public bool IsCut => _cut;

    public ValueTask<Stream> WrapAsync(Stream inner, bool server, string host, CancellationToken token)
    {
        _streams.Add(inner);
        return _cut ? throw new IOException("the cable is cut") : new(new Cable(this, inner));
    }

    /// <summary>From now on nothing arrives and nothing fails: nobody can tell it from a slow link.</summary>
    public void Silence() => _silent = true;

    /// <summary>What is connected from now on works again.</summary>
    public void Mend() => _cut = false;

    public void Cut()
    {
        _cut = true;
        foreach (var stream in _streams)
        {
            stream.Dispose();
        }
    }

    private sealed class Cable(TestNetwork network, Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken token = default)
        {
            var count = await inner.ReadAsync(buffer, token);
            if (network._silent)
            {
                await Task.Delay(Timeout.Infinite, token);
            }

            return network.IsCut ? 0 : count;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken token = default)
            => network.IsCut ? throw new IOException("the cable is cut")
                : network._silent ? ValueTask.CompletedTask
                : inner.WriteAsync(buffer, token);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
