using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Types.Tests;

/// <summary>The rows in which this project differs from PostgreSQL on purpose or by a stated weakness, each with its reason.</summary>
internal static class KnownDifferences
{
    public static HashSet<string> Of(string family)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("known.tsv")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var rows = new HashSet<string>();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split("\t#\t");
            if (fields.Length == 3 && fields[0] == family)
            {
                rows.Add(fields[1]);
            }
        }

        return rows;
    }
}
