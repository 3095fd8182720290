namespace Rqlite.Pg.Wire.Tests.Values;

/// <summary>Lines of the tables that were recorded from PostgreSQL.</summary>
internal static class Recorded
{
    public static IEnumerable<string[]> Lines(string name)
    {
        using var stream = typeof(Recorded).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("# ", StringComparison.Ordinal) && line.Length > 0)
            {
                yield return line.Split('\t');
            }
        }
    }
}
