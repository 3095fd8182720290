using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>A member list on its way through the log.</summary>
internal sealed class MembersEntry(Members members, long term) : IRaftLogEntry
{
    private readonly ReadOnlyMemory<byte> _encoded = members.Encode();

    /// <exception cref="InvalidDataException">The bytes are no member list, or one without a voter.</exception>
    public static void Check(ReadOnlySpan<byte> encoded)
    {
        if (!Members.Decode(encoded).Voters.Any())
        {
            throw new InvalidDataException("A member list has no voter.");
        }
    }

    public long Term => term;

    public bool IsConfiguration => true;

    public bool IsSnapshot => false;

    public bool IsReusable => true;

    public long? Length => _encoded.Length;

    bool IDataTransferObject.TryGetMemory(out ReadOnlyMemory<byte> memory)
    {
        memory = _encoded;
        return true;
    }

    public ValueTask WriteToAsync<TWriter>(TWriter writer, CancellationToken token)
        where TWriter : IAsyncBinaryWriter
        => writer.WriteAsync(_encoded, null, token);
}
