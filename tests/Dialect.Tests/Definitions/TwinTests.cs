namespace Rqlite.Pg.Dialect.Tests.Definitions;

/// <summary>The same entries on databases one of which is opened again and again, and one of which has its pages in other places.</summary>
public class TwinTests
{
    private const int ReopenEvery = 7;

    public static TheoryData<string> Scripts => RecordedScript.Names;

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Nodes_that_live_differently_hold_the_same(string script)
    {
        await using var one = new DefinitionDatabase();
        await using var reopened = new DefinitionDatabase();
        await using var moved = new DefinitionDatabase();
        moved.Fill();
        var count = 0;
        foreach (var (sql, _) in RecordedScript.Read(script))
        {
            var answer = await one.RunAsync(sql);
            Assert.Equal(answer, await reopened.RunAsync(sql));
            Assert.Equal(answer, await moved.RunAsync(sql));
            one.Database.TryGetDigest(one.Index, out var digest);
            reopened.Database.TryGetDigest(reopened.Index, out var other);
            Assert.True(digest == other, sql);
            if (++count % ReopenEvery == 0)
            {
                await reopened.ReopenAsync();
            }
        }

        Assert.NotEqual(0, count);
        var content = await one.Database.ContentHashAsync(default);
        Assert.Equal(content, await reopened.Database.ContentHashAsync(default));
        Assert.Equal(content, await moved.Database.ContentHashAsync(default));
    }
}
