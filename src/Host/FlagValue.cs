using System.Text.RegularExpressions;

namespace Rqlite.Pg.Host;

/// <summary>A flag's value as it was given.</summary>
/// <param name="Source">The variable, or the line of the file; null for the command line and for defaults.</param>
internal readonly record struct FlagValue(string Text, string? Source);

/// <summary>The flags that the environment or the file of <c>-config</c> has set.</summary>
internal sealed partial class FlagSources(IReadOnlyDictionary<string, string> sources)
{
    public static FlagSources None { get; } = new(new Dictionary<string, string>());

    /// <summary>Adds to a message about flags where those of them come from that are not on the command line.</summary>
    public string Explain(string message)
    {
        var told = FlagName().Matches(message).Select(static match => match.Groups[1].Value).Distinct()
            .Where(name => sources.TryGetValue(name, out var source) && !message.Contains(source, StringComparison.Ordinal))
            .Select(name => $"-{name} comes from {sources[name]}").ToList();
        return told.Count == 0 ? message : $"{message} ({string.Join("; ", told)})";
    }

    [GeneratedRegex("(?<![A-Za-z0-9-])-([a-z][a-z-]*[a-z])")]
    private static partial Regex FlagName();
}
