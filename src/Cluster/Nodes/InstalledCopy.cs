using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The entry that stands for a received copy; its bytes are in the database already.</summary>
internal sealed class InstalledCopy(long term) : IRaftLogEntry
{
    public long Term => term;

    public bool IsSnapshot => true;

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
