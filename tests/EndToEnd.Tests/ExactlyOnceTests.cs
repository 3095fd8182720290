using Rqlite.Pg.Harness;

namespace Rqlite.Pg.EndToEnd.Tests;

/// <summary>Writes that clients name, and weak reads of a leader that was away, over three processes.</summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class ExactlyOnceTests(ThreeNodes three)
{
    private TestCluster Cluster => three.Cluster;

    [Fact]
    public async Task A_write_sent_to_every_node_while_leaders_die_happens_once_and_has_one_answer()
    {
        var leader = await Cluster.LeaderAsync();
        (await Cluster.Nodes[leader].Api.ExecuteAsync("CREATE TABLE IF NOT EXISTS once (id INTEGER PRIMARY KEY, k TEXT)")).Result();
        for (var round = 0; round < 3; round++)
        {
            leader = await Cluster.LeaderAsync();
            var keys = Enumerable.Range(0, 30).Select(i => $"{Guid.NewGuid():N}-{i}").ToArray();

            // Sent to the leader while it is killed: some are answered, some are not, and of some nobody knows.
            var first = keys.Select(key => Cluster.Nodes[leader].Api.ExecuteOnceAsync(key, Sql(key))).ToArray();
            await Task.WhenAny(first);
            await Cluster.Nodes[leader].KillAsync();
            var answers = await Task.WhenAll(first);
            for (var i = 0; i < keys.Length; i++)
            {
                var expected = answers[i].Ok ? answers[i].Body : null;
                for (var node = 0; node < Cluster.Count; node++)
                {
                    if (node != leader)
                    {
                        expected = await SendAsync(node, keys[i], expected);
                    }
                }
            }

            await Cluster.Restart(leader).ReadyAsync();
            foreach (var key in keys)
            {
                var answer = await SendAsync(leader, key, null);
                Assert.Equal(answer, await SendAsync((leader + 1) % Cluster.Count, key, answer));
                var count = await Cluster.Nodes[leader].Api.QueryAsync("linearizable", "SELECT count(*) FROM once WHERE k = ?", key);
                Assert.Equal(1, count.Scalar().GetInt64());
            }
        }
    }

    [Fact]
    public async Task A_leader_that_sleeps_and_wakes_answers_weak_reads_with_what_is_new_or_not_at_all()
    {
        var sleeper = await Cluster.LeaderAsync();
        (await Cluster.Nodes[sleeper].Api.ExecuteAsync("CREATE TABLE IF NOT EXISTS weak (v INTEGER)")).Result();
        for (var round = 0; round < 3; round++)
        {
            sleeper = await Cluster.LeaderAsync();
            await Cluster.Nodes[sleeper].Api.QueryAsync("weak", "SELECT count(*) FROM weak");
            Cluster.Nodes[sleeper].Pause();
            var marker = Random.Shared.Next();
            List<Task<Reply>> asked;
            try
            {
                var leader = await Cluster.LeaderAsync(except: sleeper);
                (await Cluster.Nodes[leader].Api.ExecuteAsync("INSERT INTO weak VALUES(?)", marker)).Result();

                // They lie in the sleeper's sockets and are the first that it sees.
                asked = [.. Enumerable.Range(0, 8).Select(_ => CountAsync(sleeper, marker))];
            }
            finally
            {
                Cluster.Nodes[sleeper].Resume();
            }

            asked.Add(CountAsync(sleeper, marker));
            foreach (var reply in await Task.WhenAll(asked))
            {
                if (reply.Ok)
                {
                    Assert.Equal(1, reply.Scalar().GetInt64());
                }
            }

            await Cluster.ReadyAsync();
            Assert.Equal(1, (await CountAsync(sleeper, marker)).Scalar().GetInt64());
        }
    }

    private static string Sql(string key) => $"INSERT INTO once(k) VALUES('{key}')";

    private Task<Reply> CountAsync(int node, int marker) =>
        Cluster.Nodes[node].Api.QueryAsync("weak", "SELECT count(*) FROM weak WHERE v = ?", marker);

    /// <summary>Sends until there is an answer, which must be the expected one if there is one.</summary>
    private async Task<string> SendAsync(int node, string key, string? expected)
    {
        Reply? answer = null;
        await Until.TrueAsync($"an answer to {key}", async () =>
        {
            answer = await Cluster.Nodes[node].Api.ExecuteOnceAsync(key, Sql(key));
            return answer.Ok;
        }, Cluster.Logs);
        if (expected is not null)
        {
            Assert.Equal(expected, answer!.Body);
        }

        return answer!.Body;
    }
}
