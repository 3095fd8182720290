using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Answers peers on the Raft lanes.</summary>
internal sealed partial class RaftServer(RaftTransport transport, DurableLog log, LogStateMachine machine, Action heard) : IDisposable
{
    private static readonly TimeSpan WorkingInterval = TimeSpan.FromMilliseconds(250);

    public void Dispose()
    {
        _install.Dispose();
        _installing?.Dispose();
    }

    public async Task RunAsync(NodeConnection connection, Guid sender, CancellationToken token)
    {
        while (await connection.FillAsync(token).ConfigureAwait(false))
        {
            switch ((RaftMessage)connection.TakeByte())
            {
                case RaftMessage.Vote:
                    await AnswerVoteAsync(connection, sender, pre: false, token).ConfigureAwait(false);
                    break;
                case RaftMessage.PreVote:
                    await AnswerVoteAsync(connection, sender, pre: true, token).ConfigureAwait(false);
                    break;
                case RaftMessage.Append:
                    await AnswerAppendAsync(connection, sender, token).ConfigureAwait(false);
                    break;
                case RaftMessage.Install:
                    await AnswerInstallAsync(connection, sender, token).ConfigureAwait(false);
                    break;
                default:
                    throw new InvalidDataException("Unknown message.");
            }
        }
    }

    private async ValueTask AnswerVoteAsync(NodeConnection connection, Guid sender, bool pre, CancellationToken token)
    {
        using var timeout = new IdleTimeout(transport.Options.AppendIdleTimeout, token);
        await connection.EnsureAsync(24, timeout.Token).ConfigureAwait(false);
        var (term, index, lastTerm) = (connection.TakeInt64(), connection.TakeInt64(), connection.TakeInt64());
        var id = RaftPeer.MemberId(sender);
        if (pre)
        {
            var answer = await transport.PreVoteAsync(id, term, index, lastTerm, timeout.Token).ConfigureAwait(false);
            connection.Output.WriteInt64(answer.Term);
            connection.Output.WriteByte((byte)answer.Value);
        }
        else
        {
            var answer = await transport.VoteAsync(id, term, index, lastTerm, 0, timeout.Token).ConfigureAwait(false);
            connection.Output.WriteInt64(answer.Term);
            connection.Output.WriteByte(answer.Value ? (byte)1 : (byte)0);
        }

        await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
    }

    private async ValueTask AnswerAppendAsync(NodeConnection connection, Guid sender, CancellationToken token)
    {
        using var reading = new IdleTimeout(transport.Options.AppendIdleTimeout, token);
        using var writing = new IdleTimeout(transport.Options.AppendIdleTimeout, token);
        await connection.EnsureAsync(36, reading.Token).ConfigureAwait(false);
        var term = connection.TakeInt64();
        var prevIndex = connection.TakeInt64();
        var prevTerm = connection.TakeInt64();
        var commitIndex = connection.TakeInt64();
        var count = connection.TakeInt32();
        if (count < 0)
        {
            throw new InvalidDataException("Negative number of entries.");
        }

        // All up to the base is committed, so it matches; but the log knows only the base's own term down there.
        var point = log.Base;
        if (prevIndex > 0 && prevIndex < point.Index)
        {
            prevTerm = point.Term;
        }

        var entries = new EntryReceiver(connection, count, transport.Options.EntryBytesMax, reading);
        reading.Suspend();
        var append = transport.AppendAsync(
            RaftPeer.MemberId(sender), term, entries, prevIndex, prevTerm, commitIndex, token).AsTask();
        var answer = await WorkingUntilAsync(append, connection, writing).ConfigureAwait(false);
        if (answer.Term <= term)
        {
            heard();
        }

        // A refused append leaves its entries unread.
        while (entries.RemainingCount > 0)
        {
            await entries.MoveNextAsync().ConfigureAwait(false);
        }

        writing.Touch();
        WriteStatus(connection, answer.Term, answer.Value.Result, answer.Value.LastIndex);
        await connection.FlushAsync(writing.Token).ConfigureAwait(false);
    }

    /// <summary>Tells the other side now and then that the work goes on, so that its timeout can be short and mean silence.</summary>
    private static async ValueTask<T> WorkingUntilAsync<T>(Task<T> work, NodeConnection connection, IdleTimeout writing)
    {
        try
        {
            while (true)
            {
                writing.Suspend();
                try
                {
                    return await work.WaitAsync(WorkingInterval, writing.Token).ConfigureAwait(false);
                }
                catch (TimeoutException) when (!work.IsCompleted)
                {
                    writing.Touch();
                    connection.Output.WriteByte((byte)RaftAnswer.Working);
                    await connection.FlushAsync(writing.Token).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // It reads from the connection, which must outlive it.
            await ((Task)work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static void WriteStatus(NodeConnection connection, long term, HeartbeatResult result, long lastIndex)
    {
        connection.Output.WriteByte((byte)RaftAnswer.Done);
        connection.Output.WriteInt64(term);
        connection.Output.WriteByte((byte)result);
        connection.Output.WriteInt64(lastIndex);
    }
}
