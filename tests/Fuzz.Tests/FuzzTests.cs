using Xunit.Abstractions;

namespace Rqlite.Pg.Fuzz.Tests;

/// <summary>Each target for a bounded number of fresh inputs, beside its corpus.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int InputsMax = 20_000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Targets => [.. AllTargets.Create().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Bytes_from_outside_are_taken_or_refused_and_nothing_else(string name)
    {
        var target = AllTargets.Create().Single(t => t.Name == name);
        var seed = Environment.TickCount & 0xFFFFFF;
        output.WriteLine($"seed {seed}");
        var count = await Campaign.RunAsync(target, seed, Bound, InputsMax);
        output.WriteLine($"{count} inputs");
        Assert.NotEqual(0, count);
    }
}
