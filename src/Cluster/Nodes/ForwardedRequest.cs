using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>The kind of a forwarded batch. The values are part of the node protocol.</summary>
internal enum ForwardedMode : byte
{
    Execute = 1,
    Request = 2,
    Query = 3,
}

/// <summary>
/// A request on its way to the leader: <see cref="NodeRequestKind.Batch"/>'s body. Format version and mode (a byte each), request id, timeout,
/// the options of its reads, then the batch as in the log.
/// </summary>
/// <param name="RequestId">The id, which is the same for every try of one request, so that it takes effect once; none for a query.</param>
/// <param name="Timeout">The time that the caller still waits.</param>
internal sealed record ForwardedRequest(
    ForwardedMode Mode, RequestId RequestId, TimeSpan Timeout, ReadOptions Read, StatementBatch Batch)
{
    private const byte Version = 2;

    /// <summary>The longest that a write waits for a transaction that holds the writer; null for no limit.</summary>
    public TimeSpan? LockTimeout { get; init; }

    /// <summary>True for the bytes of a request of the mode <see cref="ForwardedMode.Query"/>.</summary>
    public static bool IsQuery(ReadOnlySpan<byte> body) => body.Length > 1 && body[1] == (byte)ForwardedMode.Query;

    public void Write(IBufferWriter<byte> output)
    {
        output.WriteByte(Version);
        output.WriteByte((byte)Mode);
        output.WriteUInt64(RequestId.High);
        output.WriteUInt64(RequestId.Low);
        output.WriteInt64(Timeout.Ticks);
        output.WriteByte((byte)Read.Consistency);
        output.WriteInt64(Read.MinIndex);
        output.WriteInt64(Read.StatementTimeout is { } limit ? limit.Ticks : 0);
        output.WriteOptionalInt64(Read.UnixMicroseconds);
        output.WriteInt64(LockTimeout is { } wait ? wait.Ticks : 0);
        LogCommandEncoding.WriteBatch(output, Batch);
    }

    /// <exception cref="InvalidDataException">The bytes are not such a request.</exception>
    public static ForwardedRequest Parse(ReadOnlyMemory<byte> body)
    {
        var reader = new FieldReader(body);
        var version = reader.ReadByte();
        if (version != Version)
        {
            throw new InvalidDataException($"A forwarded request has format {version}; this node knows {Version}.");
        }

        var mode = (ForwardedMode)reader.ReadByte();
        if (mode is < ForwardedMode.Execute or > ForwardedMode.Query)
        {
            throw new InvalidDataException($"A forwarded request has the unknown mode {(byte)mode}.");
        }

        var id = LogCommandEncoding.ReadRequestId(ref reader);
        var timeout = ReadTimeout(ref reader);
        var read = ReadReadOptions(ref reader, timeout);
        var wait = ReadLimit(ref reader);
        var batch = LogCommandEncoding.ReadBatch(ref reader);
        reader.End();
        LogEntryCheck.Batch(batch);
        if (mode != ForwardedMode.Query && id == default)
        {
            // A write without an id would take effect twice if it were sent again.
            throw new InvalidDataException("A forwarded write has no id.");
        }

        return new(mode, id, timeout, read, batch) { LockTimeout = wait };
    }

    /// <summary>Returns the request, if it has a session of the node that sends it or none.</summary>
    /// <exception cref="ClusterException">The session belongs to another node.</exception>
    public ForwardedRequest From(NodeCaller? caller)
    {
        if (Batch.Caller is { } session)
        {
            caller?.RequireSelf(session.Node);
        }

        return this;
    }

    private static ReadOptions ReadReadOptions(ref FieldReader reader, TimeSpan timeout)
    {
        var consistency = (ReadConsistency)reader.ReadByte();
        if (consistency is not (ReadConsistency.Weak or ReadConsistency.Strong))
        {
            throw new InvalidDataException($"A forwarded read has the level {(byte)consistency}.");
        }

        var minIndex = reader.ReadInt64();
        if (minIndex < 0)
        {
            throw new InvalidDataException("A forwarded read has a negative index.");
        }

        var limit = ReadLimit(ref reader);
        var time = reader.ReadOptionalInt64();
        LogEntryCheck.Time(time);
        return new()
        {
            Consistency = consistency,
            MinIndex = minIndex,
            Timeout = timeout,
            StatementTimeout = limit,
            UnixMicroseconds = time,
            Forward = false,
        };
    }

    private static TimeSpan? ReadLimit(ref FieldReader reader)
    {
        var limit = new TimeSpan(reader.ReadInt64());
        return limit < TimeSpan.Zero || limit.TotalMilliseconds >= uint.MaxValue - 1
            ? throw new InvalidDataException("A forwarded request has a time limit out of range.")
            : limit == TimeSpan.Zero ? null : limit;
    }

    private static TimeSpan ReadTimeout(ref FieldReader reader)
    {
        var timeout = new TimeSpan(reader.ReadInt64());

        // The longest time of a timer; infinite is -1 ms.
        if (timeout != System.Threading.Timeout.InfiniteTimeSpan && (timeout < TimeSpan.Zero || timeout.TotalMilliseconds >= uint.MaxValue - 1))
        {
            throw new InvalidDataException("A forwarded request has a time limit out of range.");
        }

        return timeout;
    }
}
