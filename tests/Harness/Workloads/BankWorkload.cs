using System.Collections.Concurrent;
using System.Globalization;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Money moves between accounts that come and go; whoever looks, on whatever node and level, must find the whole sum.</summary>
public abstract class BankWorkload(string name, string table, WorkloadOptions options) : Workload(name, options)
{
    protected const int AccountsMax = 8;
    private const int Accounts = 5;
    private const long Each = 20;
    private readonly ConcurrentQueue<BankRead> _reads = new();

    protected string Table => table;

    private protected string AllSql => $"SELECT account, balance FROM {table} WHERE run = {Options.Run}";

    public override async Task CreateAsync(Api api)
    {
        (await api.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {table} (run INTEGER, account INTEGER, balance INTEGER NOT NULL, PRIMARY KEY(run, account))")).Result();
        var rows = Enumerable.Range(1, Accounts).Select(a => $"({Options.Run}, {a}, {Each})");
        (await api.ExecuteAsync($"INSERT INTO {table}(run, account, balance) VALUES {string.Join(", ", rows)}")).Result();
    }

    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            await Contents.SyncAsync(node);
            var rows = (await node.Api.QueryAsync("none", AllSql)).Rows();
            _reads.Enqueue(new BankRead([.. rows.Select(r => (r[0].GetInt64(), r[1].GetInt64()))], $"{node.Options.Id} in the end"));
        }

        return Bank.Check(_reads, Accounts * Each);
    }

    public override IEnumerable<string> History() => _reads.Select(r => r.ToString());

    private protected void Add(IEnumerable<(long Account, long Balance)> accounts, string where)
    {
        _reads.Enqueue(new BankRead([.. accounts], where));
        Count(Outcome.Ok);
    }

    private protected static long Number(string? text) => long.Parse(text!, CultureInfo.InvariantCulture);
}
