using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>Reads an embedded table: lines of fields between tabs, the first of which has the columns' names.</summary>
internal static class TableFile
{
    public static IEnumerable<string[]> Read(string name) => Lines(name).Skip(1).Select(line => line.Split('\t'));

    public static IEnumerable<string> Lines(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The table {name} is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    public static uint Oid(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
