using Rqlite.Pg.Wire.Tests.Postgres;

namespace Rqlite.Pg.Wire.Tests.Isolation;

/// <summary>
/// The same interleavings of sessions on PostgreSQL 15 and on us. REWRITE_ISOLATION names a folder for scripts with PostgreSQL's outcomes
/// taken down anew, ACTUAL_ISOLATION one for scripts with ours where they differ.
/// </summary>
public sealed class IsolationTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    public static TheoryData<string> All => [.. IsolationScript.Names];

    [Theory]
    [MemberData(nameof(All))]
    public async Task PostgreSQL_isolates_as_recorded(string name)
    {
        if (!postgres.Available)
        {
            return;
        }

        var script = IsolationScript.Load(name);
        var played = new List<IReadOnlyList<string>>();
        for (var i = 0; i < script.Outcomes.Count; i++)
        {
            await using var server = await PostgresIsolation.CreateAsync(postgres.Port, $"i{i}_{name.Replace('-', '_')}");
            played.Add(await IsolationRun.PlayAsync(script, script.Outcomes[i], server));
        }

        if (Environment.GetEnvironmentVariable("REWRITE_ISOLATION") is { Length: > 0 } folder)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".isolation"), script.Text('<', played));
            return;
        }

        AssertSame(script, o => o.Answers, played);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task We_isolate_as_PostgreSQL_does_or_as_the_script_says(string name)
    {
        var script = IsolationScript.Load(name);
        var played = new List<IReadOnlyList<string>>();
        foreach (var outcome in script.Outcomes)
        {
            await using var server = new OwnIsolation();
            played.Add(await IsolationRun.PlayAsync(script, outcome, server));
        }

        if (Environment.GetEnvironmentVariable("ACTUAL_ISOLATION") is { Length: > 0 } folder)
        {
            var own = played.Select((lines, i) => lines.SequenceEqual(script.Outcomes[i].Answers) ? [] : lines).ToList();
            await File.WriteAllTextAsync(Path.Combine(folder, name + ".isolation"), script.Text('!', own));
        }

        AssertSame(script, o => o.Own.Count > 0 ? o.Own : o.Answers, played);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Where_we_differ_the_script_says_why(string name)
    {
        foreach (var outcome in IsolationScript.Load(name).Outcomes)
        {
            Assert.True(outcome.Answers.Count > 0, $"{outcome}: nothing is recorded");
            Assert.True((outcome.Own.Count == 0 && !outcome.OnOneNode) || outcome.Reasons.Count > 0, $"{outcome}: no reason is given");
            Assert.False(outcome.Own.Count > 0 && outcome.Own.SequenceEqual(outcome.Answers), $"{outcome}: there is no difference");
        }
    }

    private static void AssertSame(
        IsolationScript script, Func<IsolationScript.Outcome, IReadOnlyList<string>> expected, List<IReadOnlyList<string>> played)
    {
        for (var i = 0; i < played.Count; i++)
        {
            var outcome = script.Outcomes[i];
            Assert.Equal($"{outcome}\n{string.Join('\n', expected(outcome))}", $"{outcome}\n{string.Join('\n', played[i])}");
        }
    }
}
