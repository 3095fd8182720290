using System.Collections.Concurrent;
using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>Comments added one after the other through any node, and views of a thread at the level none or weak on any other.</summary>
public sealed class CommentThreads(WorkloadOptions options) : Workload("comments", options)
{
    private const int PerThread = 60;
    private readonly ConcurrentQueue<AddedId> _added = new();
    private readonly ConcurrentQueue<(long Thread, long[] Ids)> _views = new();
    private long _next;

    public override async Task CreateAsync(Api api) => (await api.ExecuteAsync(
        "CREATE TABLE IF NOT EXISTS comments (run INTEGER, thread INTEGER, id INTEGER, PRIMARY KEY(run, thread, id))")).Result();

    public override Task<Verdict> CheckAsync(IReadOnlyList<NodeProcess> nodes)
    {
        var views = _views.ToLookup(v => v.Thread, v => (IReadOnlyCollection<long>)v.Ids);
        var verdicts = _added.GroupBy(a => Thread(a.Id)).Select(t => Comments.Check(t, views[t.Key]));
        return Task.FromResult(verdicts.FirstOrDefault(static v => !v.Passed) ?? Verdict.Valid);
    }

    public override IEnumerable<string> History() =>
        _added.Select(a => a.ToString()).Concat(_views.Select(v => $"view of {v.Thread}: {string.Join(' ', v.Ids)}"));

    protected override async Task ClientAsync(int client, Random random)
    {
        var apis = Options.Nodes.Select(n => new Api(n.HttpPort, TimeSpan.FromSeconds(10))).ToArray();
        try
        {
            while (!Stopped.IsCancellationRequested)
            {
                var api = apis[random.Next(apis.Length)];
                var reply = random.Next(3) == 0 ? await WriteAsync(api) : await LookAsync(api, random.Next(2) == 0 ? "none" : "weak");
                Count(reply.Outcome, reply.Ok ? null : reply.ToString());
                if (!reply.Ok)
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

    private static long Thread(long id) => id / PerThread;

    private async Task<Reply> WriteAsync(Api api)
    {
        var invoked = HistoryLog.Now;
        var id = Interlocked.Increment(ref _next);
        var reply = await api.ExecuteAsync($"INSERT INTO comments(run, thread, id) VALUES({Options.Run}, {Thread(id)}, {id})");
        _added.Enqueue(new AddedId(id, invoked, HistoryLog.Now, reply.Outcome));
        return reply;
    }

    private async Task<Reply> LookAsync(Api api, string level)
    {
        var thread = Thread(Volatile.Read(ref _next));
        var reply = await api.QueryAsync(level, $"SELECT id FROM comments WHERE run = {Options.Run} AND thread = {thread}");
        if (reply.Clean)
        {
            _views.Enqueue((thread, [.. reply.Rows().Select(r => r[0].GetInt64())]));
        }

        return reply;
    }
}
