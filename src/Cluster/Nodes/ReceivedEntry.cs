using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>An entry that came from the leader.</summary>
internal sealed class ReceivedEntry(long term, bool configuration, int? commandId, ReadOnlyMemory<byte> content) : IRaftLogEntry
{
    public long Term => term;

    public bool IsConfiguration => configuration;

    public bool IsSnapshot => false;

    public int? CommandId => commandId;

    public bool IsReusable => true;

    public long? Length => content.Length;

    bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = content;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
        => writer.WriteAsync(content, null, token);
}
