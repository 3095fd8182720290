using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Rqlite.Pg.Tidy.Tests;

public sealed partial class HouseRules
{
    /// <summary>Who may see whom; docs/ARCHITECTURE.md shows the same table.</summary>
    private static readonly Dictionary<string, string[]> s_arrows = new()
    {
        ["Storage"] = [],
        ["Access"] = [],
        ["Types"] = ["Storage"],
        ["Cluster"] = ["Storage"],
        ["Dialect"] = ["Storage", "Types"],
        ["Wire"] = ["Storage", "Types", "Cluster", "Dialect", "Access"],
        ["Http"] = ["Storage", "Cluster", "Access"],
        ["Host"] = ["Storage", "Cluster", "Dialect", "Wire", "Http", "Access"],
        ["Shell"] = [],
    };

    [Fact]
    public void Projects_refer_only_to_those_they_may_see()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Tree.Root, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var seen = XDocument.Load(file).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));
            Assert.True(s_arrows.TryGetValue(name, out var allowed), $"{name} is not in the table of arrows");
            Assert.Empty(seen.Except(allowed));
        }
    }

    [Fact]
    public void Event_ids_are_unique_and_in_their_project_s_thousand()
    {
        var thousands = new Dictionary<string, int>
        {
            ["Storage"] = 1, ["Cluster"] = 2, ["Dialect"] = 3, ["Wire"] = 4, ["Http"] = 5, ["Access"] = 6, ["Host"] = 9,
        };
        var seen = new HashSet<int>();
        foreach (var (project, thousand) in thousands)
        {
            foreach (var file in Tree.Sources(Path.Combine("src", project)))
            {
                foreach (Match match in EventId().Matches(File.ReadAllText(file)))
                {
                    var id = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                    Assert.True(seen.Add(id), $"event id {id} is used twice, again in {file}");
                    Assert.True(id / 1000 == thousand, $"event id {id} in {file} is outside {thousand}000");
                }
            }
        }

        Assert.NotEmpty(seen);
    }

    [Fact]
    public void The_readme_lists_every_flag()
    {
        var readme = File.ReadAllText(Path.Combine(Tree.Root, "README.md"));
        Assert.All(Host.Flags.Names, name => Assert.Contains($"`-{name}`", readme, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_explains_its_design()
    {
        foreach (var project in s_arrows.Keys.Where(p => p != "Host"))
        {
            Assert.True(File.Exists(Path.Combine(Tree.Root, "src", project, "DESIGN.md")), $"src/{project}/DESIGN.md is missing");
        }
    }

    [GeneratedRegex(@"LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();
}
