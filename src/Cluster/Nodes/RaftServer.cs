using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Answers peers on the Raft lanes.</summary>
internal sealed partial class RaftServer(
    RaftTransport transport, DurableLog log, LogStateMachine machine, IEntryApplier applier, NodeGate gate, Action heard) : IDisposable
{
    private static readonly TimeSpan s_refusalInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WorkingInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _refusalGate = new();
    private long _refusedIndex;
    private long _refusalTold;

    public void Dispose()
    {
        _install.Dispose();
        _installing?.Dispose();
    }

    public async Task RunAsync(NodeConnection connection, Guid sender, CancellationToken token)
    {
        while (await connection.FillAsync(token).ConfigureAwait(false))
        {
            if (!gate.MayLead(sender))
            {
                throw new InvalidDataException($"{sender} is no voter any more");
            }

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
        var (term, index, lastTerm) = (TermLimit.Check(connection.TakeInt64(), log.Term), connection.TakeInt64(), connection.TakeInt64());
        if (index < 0 || lastTerm < 0 || lastTerm > term)
        {
            throw new InvalidDataException($"A vote is asked for by a log that ends at {index} in term {lastTerm}.");
        }

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
        var term = TermLimit.Check(connection.TakeInt64(), log.Term);
        var prevIndex = connection.TakeInt64();
        var prevTerm = connection.TakeInt64();
        var commitIndex = connection.TakeInt64();
        var count = connection.TakeInt32();
        if (prevIndex < 0 || prevTerm < 0 || prevTerm > term || commitIndex < 0 || count < 0 || count > long.MaxValue - prevIndex)
        {
            throw new InvalidDataException($"An append of {count} entries behind {prevIndex} of term {prevTerm} cannot be.");
        }

        // All entries up to the base are committed, so they match; but for them the log knows only the base's own term.
        var point = log.Base;
        if (prevIndex > 0 && prevIndex < point.Index)
        {
            prevTerm = point.Term;
        }

        var entries = new EntryReceiver(
            connection, count, prevIndex + 1, term, prevTerm, transport.Options.EntryBytesMax, applier, reading);
        reading.Suspend();
        var append = transport.AppendAsync(
            RaftPeer.MemberId(sender), term, entries, prevIndex, prevTerm, commitIndex, token).AsTask();
        Result<ReplicationStatus> answer;
        try
        {
            answer = await WorkingUntilAsync(append, connection, writing).ConfigureAwait(false);
            if (answer.Term <= term)
            {
                heard();
            }

            // A refused append leaves its entries unread.
            while (entries.RemainingCount > 0)
            {
                await entries.MoveNextAsync().ConfigureAwait(false);
            }
        }
        catch (RefusedEntryException refused)
        {
            // The leader tries again and again: this node stays behind from here on, and logs why.
            heard();
            TellRefused(refused, sender);
            throw new IOException("The append holds an entry that this node cannot take.", refused);
        }

        writing.Touch();
        WriteStatus(connection, answer.Term, answer.Value.Result, answer.Value.LastIndex);
        await connection.FlushAsync(writing.Token).ConfigureAwait(false);
    }

    private void TellRefused(RefusedEntryException refused, Guid sender)
    {
        lock (_refusalGate)
        {
            var now = Environment.TickCount64;
            if (refused.Index == _refusedIndex && now - _refusalTold < s_refusalInterval.TotalMilliseconds)
            {
                return;
            }

            (_refusedIndex, _refusalTold) = (refused.Index, now);
        }

        transport.Log.EntryRefused(
            refused.Index, transport.Store.Members.Find(sender)?.Node.Id ?? sender.ToString(), PrintableText.Of(refused.Message));
    }

    /// <summary>Tells the other side at intervals that the work goes on, so that a short timeout of the other side means silence.</summary>
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
            // The work reads from the connection, which must outlive it.
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
