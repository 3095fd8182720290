using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Receives a copy of the database.</summary>
internal sealed partial class RaftServer
{
    private readonly SemaphoreSlim _install = new(1, 1);
    private CancellationTokenSource? _installing;

    private async ValueTask AnswerInstallAsync(NodeConnection connection, Guid sender, CancellationToken token)
    {
        // A newer attempt replaces an older one, whose sender has most likely given up.
        var current = CancellationTokenSource.CreateLinkedTokenSource(token);
        if (Interlocked.Exchange(ref _installing, current) is { } older)
        {
            await older.CancelAsync().ConfigureAwait(false);
        }

        using var reading = new IdleTimeout(transport.Options.SnapshotIdleTimeout, current.Token);
        using var writing = new IdleTimeout(transport.Options.SnapshotIdleTimeout, current.Token);
        await connection.EnsureAsync(24, reading.Token).ConfigureAwait(false);
        var (term, index, baseTerm) = (TermLimit.Check(connection.TakeInt64(), log.Term), connection.TakeInt64(), connection.TakeInt64());
        if (index <= 0 || baseTerm < 0 || baseTerm > term)
        {
            throw new InvalidDataException($"A copy of index {index} and term {baseTerm} cannot be.");
        }

        reading.Suspend();
        await _install.WaitAsync(current.Token).ConfigureAwait(false);
        try
        {
            var result = await TryInstallAsync(connection, sender, term, index, reading, writing).ConfigureAwait(false);
            writing.Touch();
            WriteStatus(connection, log.Term, result, index);
            await connection.FlushAsync(writing.Token).ConfigureAwait(false);
        }
        finally
        {
            _install.Release();
        }
    }

    private async ValueTask<HeartbeatResult> TryInstallAsync(
        NodeConnection connection, Guid sender, long term, long index, IdleTimeout reading, IdleTimeout writing)
    {
        if (term < log.Term)
        {
            return HeartbeatResult.Rejected;
        }

        if (index <= log.LastCommittedEntryIndex)
        {
            // The node holds the index already: the answer to an earlier copy was lost. A refusal would make the leader send it again, for ever.
            return HeartbeatResult.Replicated;
        }

        connection.Output.WriteByte((byte)RaftAnswer.Send);
        writing.Touch();
        await connection.FlushAsync(writing.Token).ConfigureAwait(false);
        var chunks = new ChunkReadStream(connection, reading);
        await using var _ = chunks.ConfigureAwait(false);
        IReplicaCopy copy;
        try
        {
            copy = await WorkingUntilAsync(
                transport.Storage.ReceiveCopyAsync(chunks, writing.Token).AsTask(), connection, writing).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OperationCanceledException or IOException or ObjectDisposedException))
        {
            // The copy is damaged, or the disk does not take it. The database is as it was.
            transport.Log.CopyRefused(error.Message);
            throw new IOException("A copy was not taken.", error);
        }

        await using (copy.ConfigureAwait(false))
        {
            await chunks.CopyToAsync(Stream.Null, writing.Token).ConfigureAwait(false);
            var (members, version) = await ReadMembersAsync(connection, reading).ConfigureAwait(false);
            if (copy.Index < index || copy.Term > term || version < 0 || members.Find(sender) is not { Node.Voter: true })
            {
                transport.Log.CopyRefused($"it ends at index {copy.Index} of term {copy.Term}, with the members of {version}");
                throw new InvalidDataException("A copy is not what its sender said.");
            }

            return await WorkingUntilAsync(InstallAsync(sender, term, copy, members, version, writing.Token), connection, writing)
                .ConfigureAwait(false);
        }
    }

    private async Task<HeartbeatResult> InstallAsync(
        Guid sender, long term, IReplicaCopy copy, Members members, long version, CancellationToken token)
    {
        if (term < log.Term)
        {
            return HeartbeatResult.Rejected;
        }

        await transport.Store.SaveAsync(members, version, token).ConfigureAwait(false);
        machine.Offer(copy);
        try
        {
            var result = await transport.InstallAsync(
                RaftPeer.MemberId(sender), term, new InstalledCopy(copy.Term), copy.Index, token).ConfigureAwait(false);
            if (result.Term > term)
            {
                return HeartbeatResult.Rejected;
            }

            if (result.Value != HeartbeatResult.Rejected)
            {
                transport.Log.CopyInstalled(copy.Index, copy.Term);
            }

            // A refusal in the right term means that the log holds all entries of the copy; and never "with the leader's term": see RaftPeer.
            heard();
            return HeartbeatResult.Replicated;
        }
        finally
        {
            machine.Offer(null);
        }
    }

    private static async ValueTask<(Members Members, long Version)> ReadMembersAsync(NodeConnection connection, IdleTimeout timeout)
    {
        const int lengthMax = 4 << 20;
        timeout.Touch();
        await connection.EnsureAsync(12, timeout.Token).ConfigureAwait(false);
        var version = connection.TakeInt64();
        var length = connection.TakeInt32();
        if (length is <= 0 or > lengthMax)
        {
            throw new InvalidDataException("A member list has an impossible length.");
        }

        var encoded = new byte[length];
        await connection.ReadExactlyAsync(encoded, timeout).ConfigureAwait(false);
        return (Members.Decode(encoded), version);
    }
}
