using System.Text;

namespace Rqlite.Pg.Fuzz;

/// <summary>Inputs to start from: <c>*.hex</c> files hold bytes in hexadecimal, lines after # are remarks; others are taken as they are.</summary>
internal static class Corpus
{
    public static List<byte[]> Load(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Corpus", target);
        return !Directory.Exists(folder) ? [] : [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).SelectMany(Read)];
    }

    private static IEnumerable<byte[]> Read(string path)
    {
        if (!path.EndsWith(".hex", StringComparison.Ordinal))
        {
            yield return File.ReadAllBytes(path);
            yield break;
        }

        // An empty line ends an input. Text between quotes stands for its bytes.
        foreach (var part in File.ReadAllText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = new List<byte>();
            foreach (var line in part.Split('\n'))
            {
                var pieces = line.Split('#')[0].Split('"');
                for (var i = 0; i < pieces.Length; i++)
                {
                    bytes.AddRange(i % 2 == 1 ? Encoding.UTF8.GetBytes(pieces[i]) : Convert.FromHexString(pieces[i].Replace(" ", "", StringComparison.Ordinal)));
                }
            }

            if (bytes.Count > 0)
            {
                yield return [.. bytes];
            }
        }
    }
}
