namespace Rqlite.Pg.Cluster.Tests;

public sealed class RaftMembershipTests
{
    [Fact]
    public async Task Nodes_join_and_leave_in_quick_succession_and_no_write_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        using var stop = new CancellationTokenSource();
        var written = new List<string>();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await cluster.WriteAsync($"w{i}");
                written.Add($"w{i}");
            }
        });
        await cluster.AddAsync("n4", "n1");
        await cluster.AddAsync("n5", "n2");
        await cluster.HasMembersAsync(5);
        foreach (var id in (string[])["n4", "n5"])
        {
            await cluster.RemoveAsync(id, "n2");
        }

        await TestCluster.Until(() => cluster["n1"].Replica!.Members.Nodes.Count == 3, "three members");
        await stop.CancelAsync();
        await writing;
        await TestCluster.Until(() => cluster["n4"].Replica!.Membership.Removed, "n4 knows that it was removed");
        await cluster["n4"].StopAsync();
        await cluster["n5"].StopAsync();
        await cluster.SameEverywhereAsync();
        Assert.All(written, text => Assert.Contains(text, cluster["n1"].Storage.Texts));
    }

    /// <summary>
    /// The second voter's vote is needed at once, but goes to nobody whom its list does not have, and only a leader sends lists.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_leader_that_loses_a_node_before_it_knows_that_it_was_taken_in_leads_again_once_it_is_back(bool restarted)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var (first, second) = (cluster["n1"], (TestNode?)null);
        await cluster.WriteAsync("before");
        first.Replica!.Store.ConfigurationChanged += (_, _) =>
        {
            // The list takes effect on the leader; nothing that it sends from now on arrives.
            second!.Network.Cut();
            return ValueTask.CompletedTask;
        };
        second = cluster.Create("n2", "n1", static o => o with { JoinAttempts = 1000 });
        await second.StartAsync();
        await TestCluster.Until(() => first.Replica.Members.Nodes.Count == 2 && !first.Replica.Log.IsLeader, "n1 has lost the lead");
        Assert.Equal(-1, second.Replica!.MembersVersion);
        if (restarted)
        {
            await second.KillAsync();
            await second.StartAsync();
        }
        else
        {
            second.Network.Mend();
        }

        await cluster.HasMembersAsync(2);
        await cluster.WriteAsync("after");
        await cluster.SameEverywhereAsync();
        Assert.Equal(["before", "after"], second.Storage.Texts.Distinct());
    }

    [Fact]
    public async Task The_leader_can_be_removed()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var leader = await cluster.LeaderAsync();
        await leader.Replica!.Membership.RemoveAsync((leader.Options.NodeId, 0), TestCluster.Limit);
        await TestCluster.Until(() => leader.Replica.Membership.Removed, "the old leader knows that it was removed");
        await TestCluster.Until(() => cluster.Running.Any(n => n != leader && n.Replica!.Log.IsLeader), "another leader");
        await cluster.WriteAsync("after");
        Assert.DoesNotContain("after", leader.Storage.Texts);
    }

    [Fact]
    public async Task A_node_removed_while_it_was_down_learns_it_when_it_comes_back()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var away = cluster.Nodes.First(n => !n.Replica!.Log.IsLeader);
        await away.StopAsync();
        var leader = await cluster.LeaderAsync();
        await leader.Replica!.Membership.RemoveAsync((away.Options.NodeId, 0), TestCluster.Limit);
        away.Options = away.Options with { Join = [] };
        await away.StartAsync();
        await TestCluster.Until(() => away.Replica!.Membership.Removed, "it knows that it was removed");
        Assert.False(away.Replica!.Log.IsLeader);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removed_node_stops_if_it_shall_and_else_says_what_happened(bool voter)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var staying = await cluster.AddAsync("n4", "n1", o => o with { NonVoter = !voter });
        var stopping = await cluster.AddAsync("n5", "n1", o => o with { NonVoter = !voter, StopWhenRemoved = true });
        await cluster.HasMembersAsync(5);
        foreach (var id in (string[])["n4", "n5"])
        {
            await cluster.RemoveAsync(id, "n1");
        }

        await stopping.Replica!.Stopped.WaitAsync(TestCluster.Patience);
        await TestCluster.Until(() => staying.Replica!.Log.Removed && staying.Replica.Log.Leader is null, "n4 knows that it was removed");
        Assert.False(staying.Replica!.Stopped.IsCompleted);
        Assert.Equal("Shutdown", staying.Replica.State);
        var error = await Assert.ThrowsAsync<ClusterException>(
            async () => await staying.Replica.Membership.RemoveAsync(("n2", 0), TestCluster.Limit));
        Assert.Contains("removed from the cluster", error.Message, StringComparison.Ordinal);

        // Nor does a stop while it was told save it from the next start.
        await stopping.RestartAsync();
        await cluster.WriteAsync("without them");
        Assert.DoesNotContain("without them", staying.Storage.Texts);
    }

    [Fact]
    public async Task A_node_comes_back_under_another_address_and_the_others_learn_it()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        foreach (var node in cluster.Nodes.ToList())
        {
            await node.StopAsync();
            node.Options = node.Options with { RaftAddress = $"127.0.0.1:{TestCluster.FreePort()}" };
            await node.StartAsync();
            await TestCluster.Until(
                () => cluster.Running.All(n => n.Replica!.Members.Find(node.Options.NodeId)?.Node.RaftAddress == node.Options.RaftAddress),
                $"the new address of {node.Options.NodeId} everywhere");
        }

        await cluster.WriteAsync("moved");
        await cluster.SameEverywhereAsync();
    }

    [Fact]
    public async Task A_wiped_node_joins_anew_in_the_place_of_its_old_self()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.WriteAsync("kept");
        var old = cluster["n3"].Replica!.Identity.DiskId;
        await cluster["n3"].StopAsync();
        var wiped = await cluster.AddAsync("n3", "n1");
        await TestCluster.Until(() => cluster["n1"].Replica!.Members.Find("n3")?.DiskId == wiped.Replica!.Identity.DiskId, "n3 anew");
        await cluster.SameEverywhereAsync();
        Assert.Null(cluster["n1"].Replica!.Members.Find(old));
        Assert.Contains("kept", wiped.Storage.Texts);
    }

    [Theory]
    [InlineData("n1")]
    [InlineData("n2")]
    [InlineData("n3")]
    public async Task A_second_node_with_the_id_of_a_live_one_is_refused_also_if_that_is_the_leader(string id)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var first = cluster[id];
        var second = await cluster.AddAsync(id, id == "n1" ? "n2" : "n1", static o => o with { JoinAttempts = 1 });
        var error = await Assert.ThrowsAsync<ClusterException>(() => second.Replica!.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains("in use by a live member", error.Message, StringComparison.Ordinal);
        await second.StopAsync();
        var other = id == "n3" ? "n2" : "n3";
        Assert.Equal(first.Replica!.Identity.DiskId, cluster[other].Replica!.Members.Find(id)!.DiskId);
        await first.StopAsync();
    }

    [Fact]
    public async Task A_second_live_node_with_the_same_id_is_refused()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var first = cluster["n2"];
        var second = await cluster.AddAsync("n2", "n1", static o => o with { JoinAttempts = 1 });
        var error = await Assert.ThrowsAsync<ClusterException>(() => second.Replica!.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains("in use by a live member", error.Message, StringComparison.Ordinal);
        Assert.Equal(first.Replica!.Identity.DiskId, cluster["n1"].Replica!.Members.Find("n2")!.DiskId);
        await first.StopAsync();
    }

    [Fact]
    public async Task Three_nodes_that_start_together_form_one_cluster()
    {
        await using var cluster = new TestCluster();
        var ports = Enumerable.Range(0, 3).Select(static _ => $"127.0.0.1:{TestCluster.FreePort()}").ToArray();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => cluster.AddAsync(
            $"n{i + 1}", null, o => o with { RaftAddress = ports[i], Join = ports, BootstrapExpect = 3 })));
        await cluster.HasMembersAsync(3);
        await cluster.WriteAsync("together");
        await cluster.SameEverywhereAsync();
        Assert.Single(cluster.Nodes.Select(static n => n.Replica!.Identity.ClusterId).Distinct());
    }

    /// <summary>Whatever the list is in the end, there is one, everybody has it, and all that was acknowledged is there.</summary>
    [Fact]
    public async Task The_leader_is_killed_in_the_middle_of_a_change_and_nothing_acknowledged_is_lost()
    {
        await using var cluster = await TestCluster.StartAsync(3, static o => o with { SnapshotInterval = TimeSpan.FromHours(1) });
        using var stop = new CancellationTokenSource();
        var written = new List<string>();
        var writing = WriteAsync();
        for (var round = 0; round < 3; round++)
        {
            var leader = await cluster.LeaderAsync();
            var joining = await cluster.AddAsync($"n{4 + round}", "n1", o => o with { Join = [.. cluster.Running.Select(n => n.Options.RaftAddress)] });
            var changes = leader.Replica!.MembersVersion;
            await TestCluster.Until(
                () => joining.Replica!.Log.CommitIndex > 0 || leader.Replica!.MembersVersion > changes, "the change is under way");
            await leader.KillAsync();
            await cluster.WriteAsync($"round {round}");
            await leader.StartAsync();
            await TestCluster.Until(
                () => cluster.Running.All(n => n.Replica!.Members.Nodes.Count == 4), "four members everywhere");
            await cluster.RemoveAsync(joining.Options.NodeId, "n2");
            await joining.StopAsync();
            await cluster.HasMembersAsync(3);
        }

        await stop.CancelAsync();
        await writing;
        await cluster.SameEverywhereAsync();
        Assert.All(cluster.Running, n => Assert.Empty(written.Except(n.Storage.Texts)));

        async Task WriteAsync()
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await cluster.WriteAsync($"w{i}");
                written.Add($"w{i}");
                await Task.Delay(1);
            }
        }
    }

    [Fact]
    public async Task Changes_asked_for_at_once_on_several_nodes_while_the_lead_moves_end_in_one_list()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var nodes = new[] { "n1", "n2", "n3" };
        for (var round = 0; round < 3; round++)
        {
            var (fourth, fifth) = ($"n{4 + (2 * round)}", $"n{5 + (2 * round)}");
            var joins = Task.WhenAll(cluster.AddAsync(fourth, "n2"), cluster.AddAsync(fifth, "n3"));
            if (round > 0)
            {
                await (await cluster.LeaderAsync()).Replica!.Raft!.Transport.ResignAsync(TestCluster.Limit);
            }

            await joins;
            await cluster.HasMembersAsync(5);
            await Task.WhenAll(cluster.RemoveAsync(fourth, nodes[round]), cluster.RemoveAsync(fifth, nodes[(round + 1) % 3]));
            await cluster[fourth].StopAsync();
            await cluster[fifth].StopAsync();
            await cluster.HasMembersAsync(3);
            await cluster.WriteAsync($"round {round}");
        }

        await cluster.SameEverywhereAsync();
        Assert.Single(cluster.Running.Select(static n => n.Replica!.MembersVersion).Distinct());
    }

    [Fact]
    public async Task The_lead_can_be_handed_to_a_chosen_node()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        foreach (var id in (string[])["n3", "n2"])
        {
            using var limit = new CancellationTokenSource(TestCluster.Patience);
            var leader = await cluster.LeaderAsync();
            if (leader.Options.NodeId != id)
            {
                await cluster["n1"].Replica!.Membership.StepDownAsync((id, 0), limit.Token);
            }

            await TestCluster.Until(() => cluster[id].Replica!.Log.IsLeader, $"{id} leads");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_only_voter_cannot_give_the_lead_away_and_keeps_it(bool named)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster["n1"];
        var term = node.Replica!.Log.Term;
        var leading = node.Replica.Log.IsLeader;
        var error = await Assert.ThrowsAsync<ClusterException>(
            async () => await node.Replica.Membership.StepDownAsync((named ? "n1" : "", 0), TestCluster.Limit));
        Assert.Equal(named ? "cannot step down to the current Leader" : "cannot find peer", error.Message);
        Assert.Equal((true, true, term), (leading, node.Replica.Log.IsLeader, node.Replica.Log.Term));
        await node.WriteAsync("a");
    }

    [Fact]
    public async Task A_leader_that_reaches_nobody_to_take_over_stays()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var away = cluster.Running.First(n => n != leader);
        await away.StopAsync();
        var error = await Assert.ThrowsAsync<ClusterException>(
            async () => await leader.Replica!.Membership.StepDownAsync((away.Options.NodeId, 0), TestCluster.Limit));
        Assert.Equal(ClusterError.Timeout, error.Error);
        await cluster.WriteAsync("a");
    }

    [Fact]
    public async Task Removing_who_is_no_member_changes_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var version = cluster["n1"].Replica!.MembersVersion;
        await cluster["n1"].Replica!.Membership.RemoveAsync(("nobody", 0), TestCluster.Limit);
        await cluster["n2"].Replica!.Membership.RemoveAsync(("nobody", 0), TestCluster.Limit);
        Assert.Equal(version, cluster["n1"].Replica!.MembersVersion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removed_node_joins_again_with_its_folder_when_it_is_started_to_join(bool whileDown)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var leader = await cluster.LeaderAsync();
        var node = cluster.Running.First(n => n != leader);
        var (id, disk) = (node.Options.NodeId, node.Replica!.Info.DiskId);
        await cluster.WriteAsync("before");
        await cluster.SameEverywhereAsync();
        if (whileDown)
        {
            await node.StopAsync();
        }

        await cluster.RemoveAsync(id, leader.Options.NodeId);
        if (!whileDown)
        {
            await TestCluster.Until(() => node.Replica!.Membership.Removed, "it knows");
            await node.StopAsync();
        }

        await cluster.WriteAsync("meanwhile");
        node.Options = node.Options with { Join = [leader.Options.RaftAddress] };
        await node.StartAsync();
        await cluster.HasMembersAsync(3);
        Assert.Equal(disk, leader.Replica!.Members.Find(id)!.DiskId);
        await cluster.WriteAsync("after");
        await cluster.SameEverywhereAsync();
        Assert.False(node.Replica!.Membership.Removed);
        Assert.Contains("after", node.Storage.Texts);
    }

    [Theory]
    [InlineData("http://localhost:4001")]
    [InlineData("127.0.0.1:4001")]
    [InlineData("raft")]
    public async Task A_node_that_shall_join_itself_stops_at_once_and_says_why(string given)
    {
        await using var cluster = new TestCluster();
        var node = await cluster.AddAsync("n1", adjust: options => options with
        {
            HttpAdvertisedAddress = "localhost:4001", Join = [given == "raft" ? options.RaftAddress : given], JoinInterval = TestCluster.Patience,
        });
        var error = await Assert.ThrowsAsync<ClusterException>(() => node.Replica!.Stopped.WaitAsync(TestCluster.Patience));
        Assert.Contains("-join names this node itself", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directories_are_told_apart()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var node = cluster["n1"];
        var taken = node.Options with { RaftAddress = $"127.0.0.1:{TestCluster.FreePort()}" };
        var inUse = await Assert.ThrowsAsync<IOException>(() => OpenAsync(taken));
        Assert.Contains("in use by another process", inUse.Message, StringComparison.Ordinal);
        await node.StopAsync();
        var renamed = await Assert.ThrowsAsync<InvalidDataException>(() => OpenAsync(taken with { NodeId = "other" }));
        Assert.Contains("belongs to node 'n1'", renamed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_belongs_to_one_node()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var other = cluster.Create("n2", "n1");
        var taken = await Assert.ThrowsAsync<IOException>(
            () => OpenAsync(other.Options with { RaftAddress = cluster["n1"].Options.RaftAddress }));
        Assert.Contains("cannot listen", taken.Message, StringComparison.Ordinal);
        await other.StartAsync();
        await cluster.HasMembersAsync(2);

        // With connections of before that are not forgotten yet.
        await cluster["n1"].RestartAsync();
        await cluster.WriteAsync("again");
    }

    private static async Task OpenAsync(ClusterOptions options)
        => await (await Replica.OpenAsync(
            options, static () => new MemoryStorage(), null, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, CancellationToken.None))
            .DisposeAsync();
}
