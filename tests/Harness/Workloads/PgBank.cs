using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Transfers in blocks of statements that read, decide and write, at every isolation level with what makes it safe.</summary>
public sealed class PgBank(WorkloadOptions options) : BankWorkload("bank-pg", "bank_pg", options)
{
    private static readonly string[] Levels = ["none", "weak", "linearizable"];
    private int _writable;
    private bool _refused;

    protected override async Task ClientAsync(int client, Random random)
    {
        var looks = random.Next(2) == 0;
        var node = looks || !Volatile.Read(ref _refused) ? random.Next(Options.Nodes.Count) : Volatile.Read(ref _writable);
        var level = looks ? Levels[random.Next(Levels.Length)] : "weak";
        using var session = await PgText.ConnectAsync(Options.Nodes[node].PgPort, $"-c rqlite.consistency={level}");
        for (var i = 0; i < 25 && !Stopped.IsCancellationRequested; i++)
        {
            var answer = looks ? await LookAsync(session, random, $"{Options.Nodes[node].Id} {level}") : await MoveAsync(session, random);
            if (answer.Ok)
            {
                continue;
            }

            Count(PgOutcome.Of(answer), answer.ToString());
            await session.RunAsync("ROLLBACK");
            if (answer.State == PgOutcome.ReadOnly)
            {
                Volatile.Write(ref _refused, true);
                Volatile.Write(ref _writable, (node + 1) % Options.Nodes.Count);
                return;
            }

            await PauseAsync(random, 40);
        }
    }

    /// <summary>All at once, or in two halves of one snapshot.</summary>
    private async Task<PgAnswer> LookAsync(PgText session, Random random, string where)
    {
        if (random.Next(2) == 0)
        {
            var whole = await session.RunAsync(AllSql, extended: true);
            if (whole.Ok && MayHold(whole.Rows.Count, where))
            {
                Add(whole.Rows.Select(Account), where);
            }

            return whole;
        }

        var begun = await session.RunAsync($"BEGIN ISOLATION LEVEL REPEATABLE READ{(random.Next(2) == 0 ? " READ ONLY" : "")}");
        var first = begun.Ok ? await session.RunAsync(AllSql + " AND account <= 3") : begun;
        await Task.Delay(random.Next(4) == 0 ? random.Next(30) : 0);
        var second = first.Ok ? await session.RunAsync(AllSql + " AND account > 3") : first;
        if (!second.Ok)
        {
            return second;
        }

        if (MayHold(first.Rows.Count + second.Rows.Count, where))
        {
            Add(first.Rows.Concat(second.Rows).Select(Account), where + " in halves");
        }

        return await session.RunAsync("COMMIT");
    }

    private async Task<PgAnswer> MoveAsync(PgText session, Random random)
    {
        var from = random.Next(1, AccountsMax + 1);
        var to = (from % AccountsMax) + 1;
        var (isolation, locking) = random.Next(3) switch
        {
            0 => ("SERIALIZABLE", ""),
            1 => ("REPEATABLE READ", ""),
            _ => ("READ COMMITTED", " FOR UPDATE"),
        };
        var answer = await session.RunAsync($"BEGIN ISOLATION LEVEL {isolation}");
        answer = answer.Ok ? await session.RunAsync(BalanceSql(from) + locking) : answer;
        if (!answer.Ok || answer.Rows.Count == 0)
        {
            return answer.Ok ? await session.RunAsync("ROLLBACK") : answer;
        }

        var balance = Number(answer.Rows[0][0]);
        var amount = random.Next(4) == 0 ? balance : Math.Min(balance, random.Next(1, 15));
        var target = await session.RunAsync(BalanceSql(to) + locking);
        answer = target;
        if (answer.Ok)
        {
            // The new balances are computed here, from what was read: a transaction that did not see the latest would make or lose money.
            answer = target.Rows.Count > 0
                ? await session.RunAsync(SetSql(to, Number(target.Rows[0][0]) + amount))
                : await session.RunAsync($"INSERT INTO {Table}(run, account, balance) VALUES({Options.Run}, {to}, {amount})");
        }

        answer = answer.Ok
            ? await session.RunAsync(amount == balance ? $"DELETE FROM {Table} WHERE run = {Options.Run} AND account = {from}" : SetSql(from, balance - amount))
            : answer;
        answer = answer.Ok ? await session.RunAsync("COMMIT") : answer;
        if (answer.Ok)
        {
            Count(Outcome.Ok);
        }

        return answer;
    }

    /// <summary>A node on a new disk may at first hold nothing at all, and says so at the level none.</summary>
    private static bool MayHold(int accounts, string where) => accounts > 0 || !where.EndsWith("none", StringComparison.Ordinal);

    private static (long, long) Account(string?[] row) => (Number(row[0]), Number(row[1]));

    private string BalanceSql(int account) => $"SELECT balance FROM {Table} WHERE run = {Options.Run} AND account = {account}";

    private string SetSql(int account, long balance) => $"UPDATE {Table} SET balance = {balance} WHERE run = {Options.Run} AND account = {account}";
}
