using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Lists over HTTP: a request is a transaction of several reads and appends.</summary>
public sealed class HttpLists(WorkloadOptions options) : ListWorkload("lists-http", options)
{
    protected override async Task ClientAsync(int client, Random random)
    {
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var node = random.Next(apis.Length);
                if (!await TransactionAsync(apis[node], client, random, Options.Nodes[node].Id))
                {
                    await PauseAsync(random, 60);
                }
            }
        }
        finally
        {
            Array.ForEach(apis, static a => a.Dispose());
        }
    }

    private async Task<bool> TransactionAsync(Api api, int client, Random random, string node)
    {
        var (statements, steps) = Plan(random);
        var level = random.Next(2) == 0 ? "strong" : "linearizable";
        var invoked = HistoryLog.Now;
        var reply = await api.PostAsync($"/db/request?transaction&level={level}", statements);
        var returned = HistoryLog.Now;
        var outcome = reply.Outcome;
        if (outcome == Outcome.Ok)
        {
            var results = reply.Json.GetProperty("results");
            for (var i = 0; i < results.GetArrayLength(); i++)
            {
                // Errors of statements are the statements' own, and a transaction with one takes no effect.
                outcome = results[i].TryGetProperty("error", out _) ? Outcome.Failed : outcome;
                if (outcome == Outcome.Ok && steps[i].Read is not null)
                {
                    steps[i] = ListStep.Reads(steps[i].Key, [.. Parse(FirstText(results[i]))]);
                }
            }
        }

        if (outcome != Outcome.Ok)
        {
            steps.RemoveAll(s => s.Read is not null);
        }

        Add(new ListTransaction(client, steps, invoked, returned, outcome, $"{node} {level}"), outcome == Outcome.Ok ? null : reply.ToString());
        return outcome == Outcome.Ok;
    }

    private (object?[] Statements, List<ListStep> Steps) Plan(Random random)
    {
        var statements = new List<object?>();
        var steps = new List<ListStep>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            if (random.Next(2) == 0)
            {
                var key = Keys.Read(random);
                statements.Add(ReadSql(key));
                steps.Add(ListStep.Reads(key));
            }
            else
            {
                var (key, value) = Keys.Append(random);
                statements.Add(AppendSql(key, value, returning: false));
                steps.Add(ListStep.Append(key, value));
            }
        }

        return ([.. statements], steps);
    }
}
