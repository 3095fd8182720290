using System.Buffers;
using DotNext.IO;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>The encoding of appends.</summary>
internal sealed partial class RaftPeer
{
    public const byte ConfigurationFlag = 1;
    public const byte CommandFlag = 2;

    private const int FlushThreshold = 256 * 1024;

    // A follower that reports itself working may do so for a while, but not for ever.
    private static readonly TimeSpan WorkingMax = TimeSpan.FromSeconds(30);

    private static void WriteHead(IBufferWriter<byte> output, long term, long prevIndex, long prevTerm, long commitIndex, int count)
    {
        output.WriteByte((byte)RaftMessage.Append);
        output.WriteInt64(term);
        output.WriteInt64(prevIndex);
        output.WriteInt64(prevTerm);
        output.WriteInt64(commitIndex);
        output.WriteInt32(count);
    }

    private static async ValueTask WriteEntryAsync<TEntry>(NodeConnection connection, TEntry entry, IdleTimeout timeout)
        where TEntry : IRaftLogEntry
    {
        if (!entry.TryGetMemory(out var content))
        {
            content = await entry.ToByteArrayAsync(null, timeout.Token).ConfigureAwait(false);
        }

        WriteEntryHead(connection.Output, entry.Term, entry.IsConfiguration, entry.CommandId, content.Length);
        if (content.Length > FlushThreshold)
        {
            // Written in pieces, so that a slow connection still makes progress before the timeout.
            for (var rest = content; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, FlushThreshold)..])
            {
                await connection.WriteThroughAsync(rest[..Math.Min(rest.Length, FlushThreshold)], timeout.Token).ConfigureAwait(false);
                timeout.Touch();
            }

            return;
        }

        connection.Output.Write(content.Span);
        if (connection.Unsent > FlushThreshold)
        {
            await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
            timeout.Touch();
        }
    }

    private static void WriteEntryHead(IBufferWriter<byte> output, long term, bool configuration, int? commandId, int length)
    {
        output.WriteInt64(term);
        output.WriteByte((byte)((configuration ? ConfigurationFlag : 0) | (commandId is null ? 0 : CommandFlag)));
        output.WriteInt32(commandId.GetValueOrDefault());
        output.WriteInt32(length);
    }

    private async ValueTask<Result<ReplicationStatus>> ReadStatusAsync(NodeConnection connection, IdleTimeout timeout)
    {
        var answer = await ReadAnswerAsync(connection, timeout).ConfigureAwait(false);
        if (answer != RaftAnswer.Done)
        {
            throw new InvalidDataException("Unexpected answer to an append.");
        }

        return await ReadStatusBodyAsync(connection, timeout).ConfigureAwait(false);
    }

    private static async ValueTask<RaftAnswer> ReadAnswerAsync(NodeConnection connection, IdleTimeout timeout)
    {
        var started = Environment.TickCount64;
        while (true)
        {
            timeout.Touch();
            await connection.EnsureAsync(1, timeout.Token).ConfigureAwait(false);
            var answer = (RaftAnswer)connection.TakeByte();
            if (answer != RaftAnswer.Working)
            {
                return answer;
            }

            if (Environment.TickCount64 - started > Math.Max(WorkingMax.TotalMilliseconds, timeout.Idle.TotalMilliseconds))
            {
                throw new TimeoutException("The follower has not finished in time.");
            }
        }
    }

    private async ValueTask<Result<ReplicationStatus>> ReadStatusBodyAsync(NodeConnection connection, IdleTimeout timeout)
    {
        await connection.EnsureAsync(17, timeout.Token).ConfigureAwait(false);
        var term = TermLimit.Check(connection.TakeInt64(), _transport.Term);
        var result = Known((HeartbeatResult)connection.TakeByte());
        return new Result<ReplicationStatus>
        {
            Term = term, Value = new ReplicationStatus { Result = result, LastIndex = connection.TakeInt64() },
        };
    }
}
