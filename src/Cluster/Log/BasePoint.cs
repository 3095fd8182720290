using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;

namespace Rqlite.Pg.Cluster;

/// <summary>Where the log begins: everything up to this index is in the database. A snapshot without bytes, since the database is it.</summary>
internal sealed class BasePoint(long index, long term) : ISnapshot
{
    public long Index { get; } = index;

    public long Term { get; } = term;

    public bool IsReusable => true;

    public long? Length => 0;

    bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = default;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
        => ValueTask.CompletedTask;
}
