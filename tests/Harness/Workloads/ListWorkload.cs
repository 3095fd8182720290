using System.Globalization;
using System.Collections.Concurrent;
using System.Text.Json;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Transactions that read lists and append to them; checked for strict serializability.</summary>
public abstract class ListWorkload(string name, WorkloadOptions options) : Workload(name, options)
{
    private readonly ConcurrentQueue<ListTransaction> _history = new();

    private protected ListKeys Keys { get; } = new($"{name}{options.Run}");

    public override async Task CreateAsync(Api api) =>
        (await api.ExecuteAsync("CREATE TABLE IF NOT EXISTS lists (k TEXT PRIMARY KEY, v TEXT NOT NULL)")).Result();

    /// <summary>Every node is asked for all lists before the check, by linearizable reads: so what was lost has a reader that misses it.</summary>
    public override async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        foreach (var node in nodes)
        {
            foreach (var keys in Keys.All.Chunk(200))
            {
                await ReadAllAsync(node, keys);
            }
        }

        return ListAppend.Check(_history);
    }

    public override IEnumerable<string> History() => _history.Select(t => t.ToString());

    private protected static string ReadSql(string key) => $"SELECT v FROM lists WHERE k = '{key}'";

    private protected static string AppendSql(string key, long value, bool returning) =>
        $"INSERT INTO lists(k, v) VALUES('{key}', ',{value}') ON CONFLICT(k) DO UPDATE SET v = lists.v || excluded.v{(returning ? " RETURNING v" : "")}";

    /// <summary>",1,2,3" as it is stored; null for no row.</summary>
    private protected static IReadOnlyList<long> Parse(string? stored) =>
        stored is null ? [] : [.. stored.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => long.Parse(v, CultureInfo.InvariantCulture))];

    private protected void Add(ListTransaction transaction, string? surprise = null)
    {
        _history.Enqueue(transaction);
        Count(transaction.Outcome, surprise);
    }

    private async Task ReadAllAsync(NodeProcess node, string[] keys)
    {
        var invoked = HistoryLog.Now;
        Reply? reply = null;
        await Until.TrueAsync($"node {node.Options.Id} answers", async () =>
        {
            invoked = HistoryLog.Now;
            reply = await node.Api.QueryAsync("linearizable", $"SELECT k, v FROM lists WHERE k IN ({string.Join(',', keys.Select(k => $"'{k}'"))})");
            return reply.Ok;
        }, () => $"{reply}\n{node.Log}");
        var found = reply!.Rows().ToDictionary(r => r[0].GetString()!, r => r[1].GetString());
        var steps = keys.Select(k => ListStep.Reads(k, [.. Parse(found.GetValueOrDefault(k))]));
        _history.Enqueue(new ListTransaction(-1, [.. steps], invoked, HistoryLog.Now, Outcome.Ok, $"final, {node.Options.Id}"));
    }

    private protected static string? FirstText(JsonElement result) =>
        result.TryGetProperty("values", out var rows) && rows.GetArrayLength() > 0 ? rows[0][0].GetString() : null;
}
