using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Transfers in one request each: the first statement decides whether they take place.</summary>
public sealed class HttpBank(WorkloadOptions options) : BankWorkload("bank-http", "bank_http", options)
{
    private static readonly string[] Levels = ["none", "weak", "linearizable", "strong"];
    private long _move;

    public override async Task CreateAsync(Api api)
    {
        await base.CreateAsync(api);
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS bank_moves (run INTEGER, move INTEGER, amount INTEGER, PRIMARY KEY(run, move))")).Result();
    }

    protected override async Task ClientAsync(int client, Random random)
    {
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var node = random.Next(apis.Length);
                var reply = random.Next(2) == 0 ? await LookAsync(apis[node], random, Options.Nodes[node].Id) : await MoveAsync(apis[node], random);
                if (!reply.Ok)
                {
                    Count(reply.Outcome, reply.ToString());
                    await PauseAsync(random, 60);
                }
            }
        }
        finally
        {
            Array.ForEach(apis, static a => a.Dispose());
        }
    }

    private async Task<Reply> LookAsync(Api api, Random random, string node)
    {
        var level = Levels[random.Next(Levels.Length)];
        var reply = await api.QueryAsync(level, AllSql);
        // A node on a new disk may at first hold nothing at all.
        if (reply.Clean && (level != "none" || reply.Rows().Length > 0))
        {
            Add(reply.Rows().Select(r => (r[0].GetInt64(), r[1].GetInt64())), $"{node} {level}");
        }

        return reply;
    }

    private async Task<Reply> MoveAsync(Api api, Random random)
    {
        var run = Options.Run;
        var move = Interlocked.Increment(ref _move);
        var from = random.Next(1, AccountsMax + 1);
        var to = (from % AccountsMax) + 1;
        var key = $"run = {run} AND move = {move}";
        var amount = $"(SELECT amount FROM bank_moves WHERE {key})";
        // Now and then everything is moved and the account closed.
        var everything = random.Next(4) == 0;
        var what = everything ? "balance" : $"{random.Next(1, 15)}";
        string[] statements =
        [
            $"INSERT INTO bank_moves(run, move, amount) SELECT {run}, {move}, {what} FROM {Table} WHERE run = {run} AND account = {from} AND balance >= {what}",
            $"INSERT INTO {Table}(run, account, balance) SELECT {run}, {to}, amount FROM bank_moves WHERE {key} ON CONFLICT(run, account) DO UPDATE SET balance = {Table}.balance + excluded.balance",
            $"UPDATE {Table} SET balance = balance - {amount} WHERE run = {run} AND account = {from} AND EXISTS {amount}",
            $"DELETE FROM {Table} WHERE run = {run} AND account = {from} AND balance = 0",
        ];
        var reply = await api.PostAsync("/db/request?transaction", statements);
        if (reply.Ok)
        {
            Count(reply.Clean ? Outcome.Ok : Outcome.Failed, reply.Clean ? null : reply.ToString());
        }

        return reply;
    }
}
