using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Dialect.Runtime.Text;

/// <summary>
/// The normal forms of Unicode 14, which is PostgreSQL 15's version. The runtime's own follow the operating system, and do nothing at all
/// in a process without cultures.
/// </summary>
internal static class NormalForms
{
    private const int HangulFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TailBefore = 0x11A7;
    private const int VowelCount = 21;
    private const int TailCount = 28;
    private const int LeadCount = 19;
    private const int HangulCount = LeadCount * VowelCount * TailCount;

    private static readonly Lazy<Tables> s_tables = new(Load);

    /// <param name="compatible">NFKC and NFKD: also letters that only look otherwise are taken apart.</param>
    /// <param name="composed">NFC and NFKC: what can be one character is one.</param>
    public static string Normalize(string text, bool compatible, bool composed)
    {
        var tables = s_tables.Value;
        var points = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, tables, compatible, points);
        }

        Order(points, tables);
        if (composed)
        {
            Compose(points, tables);
        }

        var result = new StringBuilder(text.Length);
        foreach (var point in points)
        {
            result.Append(new Rune(point));
        }

        return result.ToString();
    }

    private static void Decompose(int point, Tables tables, bool compatible, List<int> output)
    {
        if (point is >= HangulFirst and < HangulFirst + HangulCount)
        {
            var index = point - HangulFirst;
            output.Add(LeadFirst + (index / (VowelCount * TailCount)));
            output.Add(VowelFirst + (index % (VowelCount * TailCount) / TailCount));
            if (index % TailCount != 0)
            {
                output.Add(TailBefore + (index % TailCount));
            }

            return;
        }

        // The table gives one step; no character takes more than five.
        if (!tables.Decompositions.TryGetValue(point, out var parts) || (parts.Compatible && !compatible))
        {
            output.Add(point);
            return;
        }

        foreach (var part in parts.Points)
        {
            Decompose(part, tables, compatible, output);
        }
    }

    /// <summary>Sorts marks that follow one character by their classes, without changing the order of those of one class.</summary>
    private static void Order(List<int> points, Tables tables)
    {
        for (var start = 0; start < points.Count; start++)
        {
            if (tables.ClassOf(points[start]) == 0)
            {
                continue;
            }

            var end = start;
            while (end < points.Count && tables.ClassOf(points[end]) != 0)
            {
                end++;
            }

            var ordered = points.GetRange(start, end - start).OrderBy(tables.ClassOf).ToList();
            for (var i = 0; i < ordered.Count; i++)
            {
                points[start + i] = ordered[i];
            }

            start = end - 1;
        }
    }

    private static void Compose(List<int> points, Tables tables)
    {
        var (starter, count, lastClass) = (-1, 0, 0);
        for (var i = 0; i < points.Count; i++)
        {
            var point = points[i];
            var combining = tables.ClassOf(point);

            // A mark reaches its starter unless one of its own class, or a starter, stands between.
            var reaches = starter >= 0 && (starter == count - 1 || (lastClass < combining && lastClass != 0));
            if (reaches && Pair(points[starter], point, tables) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            if (combining == 0)
            {
                starter = count;
            }

            lastClass = combining;
            points[count++] = point;
        }

        points.RemoveRange(count, points.Count - count);
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        if (first is >= LeadFirst and < LeadFirst + LeadCount && second is >= VowelFirst and < VowelFirst + VowelCount)
        {
            return HangulFirst + ((((first - LeadFirst) * VowelCount) + (second - VowelFirst)) * TailCount);
        }

        if (first is >= HangulFirst and < HangulFirst + HangulCount && (first - HangulFirst) % TailCount == 0
            && second is > TailBefore and < TailBefore + TailCount)
        {
            return first + (second - TailBefore);
        }

        return tables.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    private static Tables Load()
    {
        var classes = new Dictionary<int, byte>();
        var decompositions = new Dictionary<int, (bool, int[])>();
        var compositions = new Dictionary<(int, int), int>();
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("unicode-normal-forms.tsv")
            ?? throw new InvalidOperationException("The table of normal forms is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        _ = reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split('\t');
            var point = Hex(fields[0]);
            if (fields[1].Length > 0)
            {
                classes[point] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            }

            if (fields[2].Length > 0)
            {
                int[] parts = [.. fields[3].Split(' ').Select(Hex)];
                decompositions[point] = (fields[2] == "k", parts);
                if (fields[2] == "c")
                {
                    compositions[(parts[0], parts[1])] = point;
                }
            }
        }

        return new Tables(classes.ToFrozenDictionary(), decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary());
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private sealed record Tables(
        FrozenDictionary<int, byte> Classes, FrozenDictionary<int, (bool Compatible, int[] Points)> Decompositions,
        FrozenDictionary<(int, int), int> Compositions)
    {
        public int ClassOf(int point) => Classes.GetValueOrDefault(point);
    }
}
