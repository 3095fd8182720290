using Rqlite.Pg.Histories;

namespace Rqlite.Pg.Harness.Workloads;

/// <summary>
/// Lists over the PostgreSQL protocol: blocks of several statements with thinking in between, single statements, savepoints rolled back,
/// blocks given up by ROLLBACK or by vanishing.
/// </summary>
/// <param name="isolation">READ COMMITTED is weaker by design, and serves to see that the checker notices.</param>
public sealed class PgLists(WorkloadOptions options, string isolation = "SERIALIZABLE") : ListWorkload("lists-pg", options)
{
    private const string Linearizable = "-c rqlite.consistency=linearizable";
    private int _writable;
    private bool _refused;

    protected override async Task ClientAsync(int client, Random random)
    {
        // Where blocks may write on every node, each is as good; else the one that does not refuse is, most of the time.
        var node = !Volatile.Read(ref _refused) || random.Next(4) == 0 ? random.Next(Options.Nodes.Count) : Volatile.Read(ref _writable);
        // At the default level a block that writes is strictly serializable all the same; one that only reads is not.
        var linearizable = random.Next(3) > 0;
        using var session = await PgText.ConnectAsync(Options.Nodes[node].PgPort, linearizable ? Linearizable : "");
        for (var i = 0; i < 30 && !Stopped.IsCancellationRequested; i++)
        {
            var state = random.Next(8) == 0
                ? await SingleAsync(session, client, random, Options.Nodes[node].Id)
                : await new PgListBlock(this, session, random, isolation, Options.Nodes[node].Id).RunAsync(client, mayOnlyRead: linearizable);
            if (state == PgOutcome.ReadOnly)
            {
                Volatile.Write(ref _refused, true);
                Volatile.Write(ref _writable, (node + 1) % Options.Nodes.Count);
                return;
            }

            if (state is not null)
            {
                await PauseAsync(random, 40);
            }
        }
    }

    internal void Note(ListTransaction transaction, string? surprise) => Add(transaction, surprise);

    internal (string Key, long Value) NextAppend(Random random) => Keys.Append(random);

    internal string NextRead(Random random) => Keys.Read(random);

    /// <summary>A read that is a transaction of its own and waits for whoever writes.</summary>
    private async Task<string?> LockedAsync(PgText session, int client, Random random, string node)
    {
        var key = Keys.Read(random);
        var invoked = HistoryLog.Now;
        var answer = await session.RunAsync(ReadSql(key) + " FOR SHARE", extended: random.Next(2) == 0);
        if (answer.Ok)
        {
            var read = ListStep.Reads(key, [.. Parse(answer.Rows.Count == 0 ? null : answer.Rows[0][0])]);
            Add(new ListTransaction(client, [read], invoked, HistoryLog.Now, Outcome.Ok, $"{node} locked"), null);
        }

        return answer.State;
    }

    /// <summary>A statement that is a transaction of its own.</summary>
    private async Task<string?> SingleAsync(PgText session, int client, Random random, string node)
    {
        if (random.Next(3) == 0)
        {
            return await LockedAsync(session, client, random, node);
        }

        var (key, value) = Keys.Append(random);
        var returning = random.Next(2) == 0;
        var steps = new List<ListStep> { ListStep.Append(key, value) };
        var invoked = HistoryLog.Now;
        try
        {
            var answer = await session.RunAsync(AppendSql(key, value, returning), extended: random.Next(2) == 0);
            if (answer.Ok && returning)
            {
                steps.Add(ListStep.Reads(key, [.. Parse(answer.Rows.Single()[0])]));
            }

            var note = answer.Ok ? $"{node} single" : $"{node} single: {answer}";
            Add(new ListTransaction(client, steps, invoked, HistoryLog.Now, PgOutcome.Of(answer), note), answer.Ok ? null : answer.ToString());
            return answer.State;
        }
        catch (IOException e)
        {
            Add(new ListTransaction(client, steps, invoked, 0, Outcome.Unknown, $"{node} single: {e.Message}"), e.Message);
            throw;
        }
    }

    /// <summary>Now and then a read takes the writer, which it may then share with others whose commits are on their way.</summary>
    internal static string Locking(Random random) => random.Next(4) == 0 ? " FOR UPDATE" : "";

    internal static string Sql(string key, long value, bool returning) => AppendSql(key, value, returning);

    internal static string Sql(string key) => ReadSql(key);

    internal static IReadOnlyList<long> List(string? stored) => Parse(stored);
}
