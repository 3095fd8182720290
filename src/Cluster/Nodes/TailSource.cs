using System.Buffers;
using DotNext.IO;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// Sends committed entries to a read replica for as long as it listens, or a copy if the log no longer has the entries that it needs.
/// </summary>
internal sealed class TailSource(RaftNode raft, ClusterOptions options)
{
    private const int EntriesMax = 256;
    private const int BytesMax = 4 << 20;
    private static readonly TimeSpan StatusInterval = TimeSpan.FromMilliseconds(500);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        var (next, version) = Parse(body.Span);
        while (true)
        {
            if (raft.Store.Version > version)
            {
                version = await SendMembersAsync(answer, token).ConfigureAwait(false);
            }

            if (next <= raft.BaseIndex)
            {
                await SendCopyAsync(answer, token).ConfigureAwait(false);
                return;
            }

            if (next <= raft.CommitIndex)
            {
                next = await SendEntriesAsync(next, answer, token).ConfigureAwait(false);
                continue;
            }

            await SendStatusAsync(answer, token).ConfigureAwait(false);
            await WaitAsync(next, token).ConfigureAwait(false);
        }
    }

    private static (long Next, long Version) Parse(ReadOnlySpan<byte> body)
    {
        var input = new MessageReader(body);
        return (input.ReadInt64(), input.ReadInt64());
    }

    private async ValueTask WaitAsync(long next, CancellationToken token)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(StatusInterval);
        try
        {
            await raft.WaitForApplyAsync(next, bounded.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            // The time for a heartbeat has come.
        }
    }

    private async ValueTask<long> SendEntriesAsync(long next, INodeAnswer answer, CancellationToken token)
    {
        var output = new ArrayBufferWriter<byte>();
        var count = 0;
        using (var entries = raft.Log.Capture(next, Math.Min(raft.CommitIndex, next + EntriesMax - 1)))
        {
            while (count < entries.Count && output.WrittenCount < BytesMax && entries.SnapshotIndex is null)
            {
                var entry = entries[count];
                output.WriteInt64(next + count);
                output.WriteInt64(entry.Term);
                output.WriteByte(entry.IsConfiguration ? RaftPeer.ConfigurationFlag : (byte)0);
                output.WriteBytes(entry.Content.Span);
                count++;
            }
        }

        var frame = new ArrayBufferWriter<byte>(output.WrittenCount + 5);
        frame.WriteByte((byte)TailFrame.Entries);
        frame.WriteInt32(count);
        frame.Write(output.WrittenSpan);
        await answer.WriteFrameAsync(frame.WrittenMemory, token).ConfigureAwait(false);
        return next + count;
    }

    private async ValueTask SendStatusAsync(INodeAnswer answer, CancellationToken token)
    {
        var frame = new ArrayBufferWriter<byte>();
        frame.WriteByte((byte)TailFrame.Status);
        frame.WriteInt64(raft.CommitIndex);
        frame.WriteInt64(raft.Term);
        frame.WriteInt64((long)raft.SinceLeaderContact.TotalMilliseconds);
        var leader = raft.Leader;
        frame.WriteByte(leader is null ? (byte)0 : (byte)1);
        if (leader is not null)
        {
            Membership.NodeInfo.Write(frame, leader);
        }

        await answer.WriteFrameAsync(frame.WrittenMemory, token).ConfigureAwait(false);
        await answer.FlushAsync(token).ConfigureAwait(false);
    }

    private async ValueTask<long> SendMembersAsync(INodeAnswer answer, CancellationToken token)
    {
        var frame = new ArrayBufferWriter<byte>();
        frame.WriteByte((byte)TailFrame.Members);
        var version = MembershipRequest.Write(frame, raft.Store);
        await answer.WriteFrameAsync(frame.WrittenMemory, token).ConfigureAwait(false);
        return version;
    }

    private async ValueTask SendCopyAsync(INodeAnswer answer, CancellationToken token)
    {
        var transport = raft.Transport;
        transport.Hold();
        try
        {
            var stream = new AnswerStream(answer, Math.Min(options.NodeFrameMax - 1, ChunkWriteStream.ChunkMax));
            await using (stream.ConfigureAwait(false))
            {
                await transport.Storage.WriteCopyAsync(stream, token).ConfigureAwait(false);
            }

            // Sent after the copy: it may hold effects of entries whose member list the replica will never see.
            await SendMembersAsync(answer, token).ConfigureAwait(false);
            await answer.WriteFrameAsync(new[] { (byte)TailFrame.CopyEnd }, token).ConfigureAwait(false);
        }
        finally
        {
            transport.ReleaseHold();
        }
    }
}
