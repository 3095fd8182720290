using System.Security.Cryptography;
using System.Text;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Compares what the nodes hold once no more is written.</summary>
public static class Contents
{
    /// <summary>Checks on every node, by its own copy alone, that each acknowledged id is there once and that all nodes hold the same.</summary>
    public static async Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes, IReadOnlyDictionary<long, Outcome> outcomes)
    {
        // A write of unknown outcome may still be on its way between two looks, so a first difference is looked at again.
        var verdict = Verdict.Valid;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            verdict = await CheckOnceAsync(nodes, outcomes);
            if (verdict.Passed)
            {
                return verdict;
            }

            await Task.Delay(1000);
        }

        return verdict;
    }

    /// <summary>Waits until all nodes are in step, and says whether they have come to the same state; looked at again if not.</summary>
    public static async Task<Verdict> SameStateAsync(IReadOnlyList<NodeProcess> nodes)
    {
        var verdict = Verdict.Valid;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            foreach (var node in nodes)
            {
                await SyncAsync(node);
            }

            verdict = await SameDigestAsync(nodes);
            if (verdict.Passed)
            {
                return verdict;
            }

            await Task.Delay(1000);
        }

        return verdict;
    }

    private static async Task<Verdict> CheckOnceAsync(IReadOnlyList<NodeProcess> nodes, IReadOnlyDictionary<long, Outcome> outcomes)
    {
        string? firstHash = null;
        foreach (var node in nodes)
        {
            await SyncAsync(node);
            var rows = (await node.Api.QueryAsync("none", $"SELECT id, client FROM {IdInserts.Table} ORDER BY id, client")).Rows();
            var verdict = UniqueIds.Check(outcomes, rows.Select(r => r[0].GetInt64()));
            if (!verdict.Passed)
            {
                return verdict with { Explanation = $"node {node.Options.Id}: {verdict.Explanation}" };
            }

            var text = string.Join('\n', rows.Select(r => $"{r[0]},{r[1]}"));
            var hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            firstHash ??= hash;
            if (hash != firstHash)
            {
                return Verdict.Violation($"node {node.Options.Id} holds other rows than the first node");
            }
        }

        return await SameDigestAsync(nodes);
    }

    /// <summary>Nodes that applied the same entries have done the same with each of them: the chained digests say so, and at which index.</summary>
    private static async Task<Verdict> SameDigestAsync(IReadOnlyList<NodeProcess> nodes)
    {
        var digests = new List<string>();
        foreach (var node in nodes)
        {
            var digest = (await node.Api.GetAsync("/status?key=store.digest")).Json;
            if (!digest.TryGetProperty("chained", out var chained))
            {
                return Verdict.Violation($"node {node.Options.Id} shows no digest: {digest}");
            }

            digests.Add($"index {digest.GetProperty("applied_index")}, digest {chained}");
        }

        return digests.Distinct().Count() == 1
            ? Verdict.Valid
            : Verdict.Violation($"the nodes' digests differ: {string.Join("; ", nodes.Zip(digests, (n, d) => $"{n.Options.Id}: {d}"))}");
    }

    /// <summary>Waits until the node has applied what the cluster had committed when asked.</summary>
    public static Task SyncAsync(NodeProcess node) => Until.TrueAsync(
        $"node {node.Options.Id} is in step",
        async () => (await node.Api.GetAsync("/readyz?sync&timeout=10s")).Status == 200,
        () => node.Log);

    /// <summary>Runs a query on every node's own copy and says whether all answered alike, now or a little later.</summary>
    public static async Task<Verdict> SameAnswerAsync(IReadOnlyList<NodeProcess> nodes, string sql)
    {
        var verdict = Verdict.Valid;
        for (var attempt = 0; attempt < 5; attempt++)
        {
            verdict = await SameAnswerOnceAsync(nodes, sql);
            if (verdict.Passed)
            {
                return verdict;
            }

            await Task.Delay(1000);
        }

        return verdict;
    }

    private static async Task<Verdict> SameAnswerOnceAsync(IReadOnlyList<NodeProcess> nodes, string sql)
    {
        var answers = new List<string>();
        foreach (var node in nodes)
        {
            await SyncAsync(node);
            answers.Add($"{node.Options.Id}: {(await node.Api.QueryAsync("none", sql)).Result()}");
        }

        return answers.Select(a => a[a.IndexOf(':', StringComparison.Ordinal)..]).Distinct().Count() == 1
            ? Verdict.Valid
            : Verdict.Violation($"the nodes answer differently to {sql}\n{string.Join('\n', answers)}");
    }
}
