using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rqlite.Pg.Tidy.Tests;

/// <summary>Files that are shipped beside the program fit the program.</summary>
public sealed partial class DeployRules
{
    [Fact]
    public void Each_package_that_is_shipped_is_named_in_the_notices()
    {
        var notices = File.ReadAllText(Path.Combine(Tree.Root, "THIRD-PARTY-NOTICES.txt"));
        var named = NoticeName().Matches(notices).Select(static match => match.Value).ToHashSet(StringComparer.Ordinal);
        var shipped = Directory.EnumerateFiles(Path.Combine(Tree.Root, "src"), "packages.lock.json", SearchOption.AllDirectories).SelectMany(PackagesOf).Distinct().ToList();
        Assert.Contains("NodaTime", shipped);
        Assert.Empty(shipped.Except(named));
    }

    [Theory]
    [InlineData("rqlited.bash", "-")]
    [InlineData("_rqlited", "'-")]
    [InlineData("rqlited.fish", "-o ")]
    public void The_completions_of_rqlited_have_all_its_flags_and_no_others(string file, string before)
    {
        var text = File.ReadAllText(Path.Combine(Tree.Root, "deploy", "completions", file));
        if (file.EndsWith(".bash", StringComparison.Ordinal))
        {
            // The list of all flags; the other places are those of single ones.
            text = WordList().Matches(text).Last().Groups[1].Value;
        }

        var found = Regex.Matches(text, $@"(?<=^|\s){Regex.Escape(before)}([a-z][a-z-]*)").Select(static match => match.Groups[1].Value);
        Assert.Equal(Host.Flags.Names.Append("help").Order(StringComparer.Ordinal), found.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_dashboard_is_json_and_each_panel_asks_something()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Tree.Root, "deploy", "grafana", "rqlite-pg.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(static panel => panel.GetProperty("type").GetString() != "row").ToList();
        Assert.NotEmpty(panels);
        Assert.All(panels, static panel => Assert.All(
            panel.GetProperty("targets").EnumerateArray(), static target => Assert.NotEmpty(target.GetProperty("expr").GetString()!)));
        Assert.Equal(panels.Count, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    private static IEnumerable<string> PackagesOf(string lockFile)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(lockFile));
        return
        [
            .. document.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(static framework => framework.Value.EnumerateObject())
                .Where(static package => package.Value.GetProperty("type").GetString() != "Project").Select(static package => package.Name),
        ];
    }

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")]
    private static partial Regex NoticeName();

    [GeneratedRegex("compgen -W '([^']*)'")]
    private static partial Regex WordList();
}
