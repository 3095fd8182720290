using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The kinds of frame in an answer; part of the node protocol.</summary>
internal enum AnswerFrame : byte
{
    Data = 0,
    End = 1,
    Error = 2,
}

/// <summary>The frames of an answer as they arrive.</summary>
/// <param name="pool">The pool that takes the connection back; null if the connection stays with its user.</param>
internal sealed class NodeResponse(NodePool? pool, NodeConnection connection, int frameMax) : INodeResponse
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int GivenUp = 2;

    private byte[] _frame = [];
    private bool _returned;
    private volatile bool _withdrawn;
    private int _state;
    private long _idleSince = Environment.TickCount64;

    /// <summary>True if the whole answer has arrived: the connection may carry another request.</summary>
    public bool Ended { get; private set; }

    /// <summary>
    /// Since when no frame has been asked for, by <see cref="Environment.TickCount64"/>; null while one is awaited. From any thread.
    /// </summary>
    public long? IdleSince => Volatile.Read(ref _state) == Idle ? Volatile.Read(ref _idleSince) : null;

    /// <summary>Closes the connection if no frame is awaited now: later reads fail. From any thread.</summary>
    public void GiveUp()
    {
        if (Interlocked.CompareExchange(ref _state, GivenUp, Idle) == Idle)
        {
            pool?.Return(this, connection, reusable: false);
        }
    }

    public void Withdraw()
    {
        _withdrawn = true;
        connection.EndSending();
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken token)
    {
        if (Ended)
        {
            return null;
        }

        if (Interlocked.CompareExchange(ref _state, Reading, Idle) == GivenUp)
        {
            throw new ClusterException(
                ClusterError.Busy, "the result was given up because its client has not read on while others needed the connection to the leader");
        }

        try
        {
            return await ReadNextAsync(token).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _idleSince, Environment.TickCount64);
            Volatile.Write(ref _state, Idle);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadNextAsync(CancellationToken token)
    {
        try
        {
            await connection.EnsureAsync(5, token).ConfigureAwait(false);
            var length = connection.TakeInt32();
            var kind = (AnswerFrame)connection.TakeByte();
            if (length < 0 || length > frameMax)
            {
                throw new InvalidDataException($"A frame of {length} bytes is over the limit of {frameMax}.");
            }

            var frame = await ReadBodyAsync(length, token).ConfigureAwait(false);
            switch (kind)
            {
                case AnswerFrame.Data:
                    return frame;
                case AnswerFrame.End:
                    Ended = true;
                    return null;
                case AnswerFrame.Error:
                    Ended = true;
                    throw ReadError(frame.Span);
                default:
                    throw new InvalidDataException("Unknown kind of frame.");
            }
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ObjectDisposedException)
        {
            throw Lost(connection, "before the answer came", error);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!_returned)
        {
            _returned = true;
            if (Interlocked.Exchange(ref _state, GivenUp) != GivenUp)
            {
                pool?.Return(this, connection, Ended && !_withdrawn);
            }
        }

        return ValueTask.CompletedTask;
    }

    public static ClusterException Lost(NodeConnection connection, string when, Exception error) => new(
        ClusterError.OutcomeUnknown, $"the connection to {connection.Peer} was lost {when}: {ConnectionTrouble.Reason(error)}", null, error);

    /// <summary>The error for an unforeseen failure of this node.</summary>
    public static ClusterException Failed(string nodeId) =>
        new(ClusterError.OutcomeUnknown, $"node {nodeId} failed while it ran the request; its log has the details");

    /// <summary>Writes an error; only members are told who leads.</summary>
    public static void WriteError(NodeConnection connection, NodeCaller caller, ClusterException error)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        var leader = caller.IsMember ? error.Leader : null;
        body.WriteByte((byte)error.Error);
        body.WriteText(error.Message);
        body.WriteByte(leader is null ? (byte)0 : (byte)1);
        if (leader is not null)
        {
            NodeInfo.Write(body, leader);
        }

        if (error.Error == ClusterError.SchemaMoved)
        {
            body.WriteInt64(error.Index);
        }

        connection.Output.WriteInt32(body.WrittenCount);
        connection.Output.WriteByte((byte)AnswerFrame.Error);
        System.Buffers.BuffersExtensions.Write(connection.Output, body.WrittenSpan);
    }

    private static ClusterException ReadError(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        var error = (ClusterError)input.ReadByte();
        if (!Enum.IsDefined(error))
        {
            throw new InvalidDataException($"An answer has the unknown error {(byte)error}.");
        }

        var message = input.ReadText();
        var leader = input.ReadFlag() ? NodeInfo.ReadDescription(ref input) : null;
        return new ClusterException(error, message, leader) { Index = error == ClusterError.SchemaMoved ? input.ReadInt64() : 0 };
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadBodyAsync(int length, CancellationToken token)
    {
        if (_frame.Length < length)
        {
            _frame = GC.AllocateUninitializedArray<byte>(length);
        }

        var rest = _frame.AsMemory(0, length);
        while (!rest.IsEmpty)
        {
            var read = await connection.ReadSomeAsync(rest, token).ConfigureAwait(false);
            rest = read > 0 ? rest[read..] : throw new EndOfStreamException();
        }

        return _frame.AsMemory(0, length);
    }
}
