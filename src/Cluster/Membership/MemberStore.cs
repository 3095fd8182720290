using System.Buffers.Binary;
using System.IO.Hashing;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft.Membership;

namespace Rqlite.Pg.Cluster.Membership;

/// <summary>
/// The member list on disk: the index of its entry, a checksum and the list. An older list never replaces a newer one; saving is the
/// moment at which a configuration takes effect on this node.
/// </summary>
internal sealed class MemberStore(string path) : IClusterConfigurationStorage<NodeInfo>
{
    private const int HeadLength = 16;

    private readonly SemaphoreSlim _lock = new(1, 1);
    private Saved _saved = new(Members.Empty, -1);

    public event Func<IClusterConfiguration<NodeInfo>, CancellationToken, ValueTask>? ConfigurationChanged;

    public Members Members => Volatile.Read(ref _saved).Members;

    /// <summary>The index of the entry that carried the list; 0 for the founder's, -1 for none.</summary>
    public long Version => Volatile.Read(ref _saved).Version;

    /// <summary>The list and its version, of the same moment.</summary>
    public (Members Members, long Version) Current
    {
        get
        {
            var saved = Volatile.Read(ref _saved);
            return (saved.Members, saved.Version);
        }
    }

    public void Load()
    {
        if (!File.Exists(path))
        {
            return;
        }

        var content = File.ReadAllBytes(path);
        if (content.Length < HeadLength || BinaryPrimitives.ReadUInt64LittleEndian(content) != XxHash3.HashToUInt64(content.AsSpan(8)))
        {
            throw new InvalidDataException(
                $"The member list '{path}' is damaged. Start this node with an empty data directory and -join, so that it joins anew.");
        }

        Publish(Members.Decode(content.AsSpan(HeadLength)), BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(8)));
    }

    public async ValueTask<bool> SaveAsync(Members members, long version, CancellationToken token)
    {
        await _lock.WaitAsync(token).ConfigureAwait(false);
        try
        {
            if (version <= Version)
            {
                return false;
            }

            Write(members, version);
            Publish(members, version);
        }
        finally
        {
            _lock.Release();
        }

        if (ConfigurationChanged is { } changed)
        {
            await changed(members, token).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Puts a list in place before the log runs, whatever was there.</summary>
    public void Replace(Members members, long version)
    {
        Write(members, version);
        Publish(members, version);
    }

    public async ValueTask<bool> SaveConfigurationAsync<TConfiguration>(
        TConfiguration configuration, long configurationVersion, CancellationToken token = default)
        where TConfiguration : IDataTransferObject
    {
        var encoded = await configuration.ToByteArrayAsync(null, token).ConfigureAwait(false);
        return await SaveAsync(Members.Decode(encoded), configurationVersion, token).ConfigureAwait(false);
    }

    ValueTask<(IDataTransferObject Configuration, long Version)> IClusterConfigurationStorage.LoadConfigurationAsync(CancellationToken token)
        => new((Members, Math.Max(Version, 0)));

    ValueTask<IClusterConfiguration<NodeInfo>> IClusterConfigurationStorage<NodeInfo>.LoadConfigurationAsync(CancellationToken token)
        => new(Members);

    public void Dispose() => _lock.Dispose();

    private void Write(Members members, long version)
    {
        var encoded = members.Encode().Span;
        var content = new byte[HeadLength + encoded.Length];
        BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(8), version);
        encoded.CopyTo(content.AsSpan(HeadLength));
        BinaryPrimitives.WriteUInt64LittleEndian(content, XxHash3.HashToUInt64(content.AsSpan(8)));
        DurableFile.Write(path, content);
    }

    private void Publish(Members members, long version) => Volatile.Write(ref _saved, new(members, version));

    private sealed record Saved(Members Members, long Version);
}
