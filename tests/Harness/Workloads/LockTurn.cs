using System.Globalization;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>One lock taken, used and given back, whatever becomes of it.</summary>
internal sealed class LockTurn(PgText session, Random random, long key, string who)
{
    private readonly bool _shared = random.Next(4) == 0;
    private readonly bool _block = random.Next(3) == 0;

    public LockHold? Hold { get; private set; }

    public GuardedWrite? Write { get; private set; }

    /// <summary>What the server said of a lock that cannot be true.</summary>
    public string? Wrong { get; private set; }

    public Outcome Outcome { get; private set; } = Outcome.Failed;

    public string? Surprise { get; private set; }

    public async Task RunAsync()
    {
        try
        {
            var answer = await TurnAsync();
            Surprise = answer.Ok ? null : answer.ToString();
            if (!answer.Ok)
            {
                // What it still holds would be held by the next turn too, unknown to it.
                session.Vanish();
                throw new IOException(answer.ToString());
            }

            Outcome = Outcome.Ok;
        }
        catch (IOException e)
        {
            Surprise ??= e.Message;
            throw;
        }
    }

    private async Task<PgAnswer> TurnAsync()
    {
        var answer = _block ? await session.RunAsync("BEGIN") : null;
        var tries = random.Next(3) == 0;
        var function = $"pg_{(tries ? "try_" : "")}advisory_{(_block ? "xact_" : "")}lock{(_shared ? "_shared" : "")}";
        answer = answer is { Ok: false } ? answer : await session.RunAsync($"SELECT {function}({key})", extended: random.Next(2) == 0);
        var held = answer.Ok && (!tries || answer.Rows[0][0] == "t");
        if (held)
        {
            var now = HistoryLog.Now;
            Hold = new LockHold(key, _shared, now, now, who);
            answer = await UseAsync();
        }

        // A wait that took too long leaves nothing, and the session as it was.
        if (!answer.Ok && answer.State != "55P03")
        {
            return answer;
        }

        if (_block)
        {
            return await EndBlockAsync(answer);
        }

        return held ? await GiveBackAsync() : answer.Ok ? answer : await session.RunAsync("SELECT 1");
    }

    /// <summary>A statement under the lock: that it is answered says that the lock was held when it was asked.</summary>
    private async Task<PgAnswer> UnderAsync(string sql)
    {
        var invoked = HistoryLog.Now;
        var answer = await session.RunAsync(sql, extended: random.Next(3) == 0);
        if (answer.Ok && Hold is { } hold)
        {
            Hold = hold with { To = invoked };
        }

        return answer;
    }

    private async Task<PgAnswer> UseAsync()
    {
        var answer = await UnderAsync($"SELECT n FROM guarded WHERE key = {key}");
        if (!answer.Ok || _shared)
        {
            await Task.Delay(random.Next(0, 60));
            return answer.Ok ? await UnderAsync("SELECT 1") : answer;
        }

        var n = long.Parse(answer.Rows[0][0]!, CultureInfo.InvariantCulture);
        await Task.Delay(random.Next(4) == 0 ? random.Next(0, 300) : 0);
        // Should the connection break, the write may still arrive. In a block only COMMIT decides.
        Write = new GuardedWrite(key, n, HistoryLog.Now, _block ? Outcome.Failed : Outcome.Unknown, Missed: false, who);
        answer = await UnderAsync($"UPDATE guarded SET n = {n + 1} WHERE key = {key} AND n = {n}");
        if (answer.Ok)
        {
            Write = Write with { Outcome = _block ? Outcome.Failed : Outcome.Ok, Missed = answer.Tag == "UPDATE 0" };
        }
        else if (!_block && answer.State is not (PgOutcome.Unknown or "57P01"))
        {
            // 57P01 may come behind the answer, when the session's end is noticed.
            Write = Write with { Outcome = Outcome.Failed };
        }

        await Task.Delay(random.Next(6) == 0 ? random.Next(0, 300) : 0);
        return answer.Ok && random.Next(3) == 0 ? await UnderAsync("SELECT 2") : answer;
    }

    private async Task<PgAnswer> EndBlockAsync(PgAnswer answer)
    {
        var commit = answer.Ok && random.Next(6) > 0;
        if (!commit)
        {
            if (random.Next(2) == 0)
            {
                session.Vanish();
                throw new IOException("the client vanished");
            }

            // What has failed gave the lock back with its failure.
            return answer.Ok ? await UnderAsync("ROLLBACK") : await session.RunAsync("ROLLBACK");
        }

        var written = Write;
        Write = Write is { Missed: false } ? Write with { Outcome = Outcome.Unknown } : Write;
        var ended = await UnderAsync("COMMIT");
        if (written is { Missed: false } && ended.State is not (PgOutcome.Unknown or "57P01"))
        {
            Write = written with { Outcome = PgOutcome.Of(ended) };
        }

        return ended;
    }

    private async Task<PgAnswer> GiveBackAsync()
    {
        switch (random.Next(6))
        {
            case 0:
                session.Vanish();
                throw new IOException("the client vanished");
            case 1:
                return await UnderAsync("SELECT pg_advisory_unlock_all()");
            default:
                var answer = await UnderAsync($"SELECT pg_advisory_unlock{(_shared ? "_shared" : "")}({key})");
                if (answer.Ok && answer.Rows[0][0] != "t")
                {
                    Wrong = $"a lock was lost without a word, says its unlocking: {Hold}";
                }

                return answer;
        }
    }
}
