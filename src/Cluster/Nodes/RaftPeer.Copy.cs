using DotNext.IO;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Sends a copy of the database in place of a stored snapshot.</summary>
internal sealed partial class RaftPeer
{
    private static readonly TimeSpan TouchInterval = TimeSpan.FromMilliseconds(100);

    private int _held;

    public async Task<Result<HeartbeatResult>> InstallSnapshotAsync(
        long term, IRaftLogEntry snapshot, long snapshotIndex, IDataTransferObject configuration, long configurationVersion,
        CancellationToken token)
    {
        if (!IsRemote)
        {
            return new Result<HeartbeatResult> { Term = term, Value = HeartbeatResult.Replicated };
        }

        Hold();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(token, _disposed.Token);
        var touching = TouchAsync(term, ended.Token);
        try
        {
            var result = await SendAsync(term, snapshot.Term, snapshotIndex, ended.Token).ConfigureAwait(false);

            // Whatever the follower answers, a copy never counts as entries of the leader's term: the commit rule of the library takes the
            // median of the indices, and a copy ends elsewhere than the round.
            return result.Value == HeartbeatResult.ReplicatedWithLeaderTerm
                ? new Result<HeartbeatResult> { Term = result.Term, Value = HeartbeatResult.Replicated }
                : result;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            ReleaseHold();
            throw new OperationCanceledException(token);
        }
        catch (Exception error)
        {
            ReleaseHold();
            throw new MemberUnavailableException(this, error.Message, error);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await touching.ConfigureAwait(false);
        }
    }

    private async Task<Result<HeartbeatResult>> SendAsync(
        long term, long snapshotTerm, long snapshotIndex, CancellationToken token)
    {
        using var timeout = new IdleTimeout(_transport.Options.SnapshotIdleTimeout, token);
        var (connection, _) = await _transport.Dialer.DialAsync(
            Info.Node.RaftAddress, LaneKind.Snapshot, Info.DiskId, timeout.Token).ConfigureAwait(false);
        using (connection)
        {
            var output = connection.Output;
            output.WriteByte((byte)RaftMessage.Install);
            output.WriteInt64(term);
            output.WriteInt64(snapshotIndex);
            output.WriteInt64(snapshotTerm);
            await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
            var answer = await ReadAnswerAsync(connection, timeout).ConfigureAwait(false);
            if (answer == RaftAnswer.Send)
            {
                _transport.Log.CopyStarted(Info.Node.Id);
                var chunks = new ChunkWriteStream(connection, timeout);
                await using (chunks.ConfigureAwait(false))
                {
                    var (index, _) = await _transport.Storage.WriteCopyAsync(chunks, timeout.Token).ConfigureAwait(false);
                    await chunks.CompleteAsync().ConfigureAwait(false);
                    await SendMembersAsync(connection, timeout).ConfigureAwait(false);
                    _transport.Log.CopySent(Info.Node.Id, index);
                }

                answer = await ReadAnswerAsync(connection, timeout).ConfigureAwait(false);
            }

            if (answer != RaftAnswer.Done)
            {
                throw new InvalidDataException("Unexpected answer to a copy.");
            }

            var status = await ReadStatusBodyAsync(connection, timeout).ConfigureAwait(false);
            return new Result<HeartbeatResult> { Term = status.Term, Value = status.Value.Result };
        }
    }

    /// <summary>
    /// Sends the member list after the copy: the copy may hold the effects of entries up to its end, and the receiver will never see a
    /// configuration among those.
    /// </summary>
    private ValueTask SendMembersAsync(NodeConnection connection, IdleTimeout timeout)
    {
        MembershipRequest.Write(connection.Output, _transport.Store);
        return connection.FlushAsync(timeout.Token);
    }

    /// <summary>Sends an append that cannot match: the follower refuses it, but restarts its election timer while the copy is on its way.</summary>
    private async Task TouchAsync(long term, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                await _control.ExchangeAsync(
                    async (connection, timeout) =>
                    {
                        WriteHead(connection.Output, term, long.MaxValue - 1, term, 0, 0);
                        await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
                        return await ReadStatusAsync(connection, timeout).ConfigureAwait(false);
                    },
                    _transport.Options.ControlTimeout, _transport.Options.ControlTimeout, token).ConfigureAwait(false);
            }
            catch (MemberUnavailableException)
            {
                // The copy has its own timeout.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(TouchInterval, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Hold()
    {
        if (Interlocked.Exchange(ref _held, 1) == 0)
        {
            _transport.Hold();
        }
    }

    private void ReleaseHold()
    {
        if (Interlocked.Exchange(ref _held, 0) == 1)
        {
            _transport.ReleaseHold();
        }
    }
}
