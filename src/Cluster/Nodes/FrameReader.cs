namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Frames of the request and the transaction lane as they arrive: length, kind, body. Memory grows with the bytes that have come, not with the
/// announced length, and bytes above <see cref="FreeBytes"/> count in the budget until <see cref="Release"/>.
/// </summary>
internal sealed class FrameReader(ClusterOptions options, ByteBudget budget, Guid caller, NodeConnection connection) : IDisposable
{
    public const int HeadBytes = 5;

    /// <summary>The longest frame of a node that is no member, enough for joining.</summary>
    public const int StrangerBytesMax = 64 << 10;

    private const int FreeBytes = 64 << 10;
    private const int KeptBytes = 256 << 10;
    private static readonly TimeSpan s_roomWait = TimeSpan.FromSeconds(2);

    private byte[] _buffer = [];
    private long _taken;

    public static ClusterException Busy() =>
        new(ClusterError.Busy, "this node has no memory left for requests of other nodes at the moment");

    /// <summary>Waits for the next frame to begin; false if the other side has closed or has been silent for too long.</summary>
    public async ValueTask<bool> WaitAsync(TimeSpan idleMax, CancellationToken token)
    {
        using var idle = new IdleTimeout(idleMax, token);
        try
        {
            return await connection.FillAsync(idle.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (idle.Expired)
        {
            return false;
        }
    }

    /// <returns>
    /// The body, which stays until <see cref="Release"/>; null if there was no room for it, though it has been read from the connection.
    /// </returns>
    /// <exception cref="InvalidDataException">The frame has an impossible length.</exception>
    public async ValueTask<(byte Kind, ReadOnlyMemory<byte>? Body)> ReadAsync(bool member, CancellationToken token)
    {
        using var reading = new IdleTimeout(options.SnapshotIdleTimeout, token);
        await connection.EnsureAsync(HeadBytes, reading.Token).ConfigureAwait(false);
        var length = connection.TakeInt32();
        var kind = connection.TakeByte();
        var lengthMax = member ? options.NodeFrameMax : StrangerBytesMax;
        if (length < 0 || length > lengthMax)
        {
            throw new InvalidDataException($"A request of {length} bytes is over the limit of {lengthMax}.");
        }

        if (length > FreeBytes)
        {
            reading.Suspend();
            if (!await budget.TakeAsync(caller, length, s_roomWait, token).ConfigureAwait(false))
            {
                await connection.SkipAsync(length, reading).ConfigureAwait(false);
                return (kind, null);
            }

            _taken = length;
        }

        reading.Touch();
        _buffer = await connection.ReadGrowingAsync(_buffer, length, reading).ConfigureAwait(false);
        return (kind, _buffer.AsMemory(0, length));
    }

    /// <summary>Frees the frame.</summary>
    public void Release()
    {
        if (_buffer.Length > KeptBytes)
        {
            _buffer = [];
        }

        if (_taken > 0)
        {
            budget.Release(caller, _taken);
            _taken = 0;
        }
    }

    public void Dispose() => Release();
}
