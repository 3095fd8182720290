using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>One BEGIN … COMMIT over lists, whatever becomes of it.</summary>
internal sealed class PgListBlock(PgLists workload, PgText session, Random random, string isolation, string node)
{
    private readonly List<ListStep> _steps = [];
    private bool _commitSent;

    /// <summary>The SQLSTATE with which it ended, null after success.</summary>
    public async Task<string?> RunAsync(int client, bool mayOnlyRead)
    {
        var invoked = HistoryLog.Now;
        PgAnswer answer;
        try
        {
            answer = await BlockAsync(client, mayOnlyRead);
        }
        catch (IOException e)
        {
            var lost = _commitSent ? Outcome.Unknown : Outcome.Failed;
            workload.Note(new ListTransaction(client, _steps, invoked, HistoryLog.Now, lost, $"{node} block: {e.Message}"), e.Message);
            throw;
        }

        var outcome = _commitSent ? PgOutcome.Of(answer) : Outcome.Failed;
        var note = answer.Ok ? $"{node} block" : $"{node} block{(_commitSent ? " at commit" : "")}: {answer}";
        workload.Note(new ListTransaction(client, _steps, invoked, HistoryLog.Now, outcome, note), answer.Ok ? null : answer.ToString());
        if (!answer.Ok)
        {
            await session.RunAsync("ROLLBACK");
        }

        return answer.State;
    }

    private async Task<PgAnswer> BlockAsync(int client, bool mayOnlyRead)
    {
        var answer = await session.RunAsync($"BEGIN ISOLATION LEVEL {isolation}");
        var count = random.Next(1, 6);
        var appendAt = mayOnlyRead ? -1 : random.Next(count);
        for (var i = 0; i < count && answer.Ok; i++)
        {
            if (random.Next(12) == 0)
            {
                // Longer than a holder of the writer may be silent while others wait.
                await Task.Delay(random.Next(0, 200));
            }

            answer = i == appendAt || random.Next(2) == 0 ? await AppendAsync() : await ReadAsync();
            if (answer.Ok && random.Next(15) == 0)
            {
                answer = await UndoneAsync(client);
            }
        }

        if (!answer.Ok)
        {
            return answer;
        }

        switch (random.Next(20))
        {
            case 0:
                return await session.RunAsync("ROLLBACK");
            case 1:
                session.Vanish();
                throw new IOException("the client vanished");
            default:
                _commitSent = true;
                return await session.RunAsync("COMMIT");
        }
    }

    private async Task<PgAnswer> ReadAsync()
    {
        var key = workload.NextRead(random);
        var answer = await session.RunAsync(PgLists.Sql(key) + PgLists.Locking(random), extended: random.Next(2) == 0);
        if (answer.Ok)
        {
            _steps.Add(ListStep.Reads(key, [.. PgLists.List(answer.Rows.Count == 0 ? null : answer.Rows[0][0])]));
        }

        return answer;
    }

    private async Task<PgAnswer> AppendAsync()
    {
        var (key, value) = workload.NextAppend(random);
        var returning = random.Next(3) == 0;
        _steps.Add(ListStep.Append(key, value));
        var answer = await session.RunAsync(PgLists.Sql(key, value, returning), extended: random.Next(2) == 0);
        if (answer.Ok && returning)
        {
            _steps.Add(ListStep.Reads(key, [.. PgLists.List(answer.Rows.Single()[0])]));
        }

        return answer;
    }

    /// <summary>An append that is taken back at once: to everybody it is one that was refused.</summary>
    private async Task<PgAnswer> UndoneAsync(int client)
    {
        var (key, value) = workload.NextAppend(random);
        workload.Note(new ListTransaction(client, [ListStep.Append(key, value)], 0, 0, Outcome.Failed, $"{node} undone"), null);
        var answer = await session.RunAsync("SAVEPOINT s");
        answer = answer.Ok ? await session.RunAsync(PgLists.Sql(key, value, returning: false)) : answer;
        return answer.Ok ? await session.RunAsync("ROLLBACK TO SAVEPOINT s") : answer;
    }
}
