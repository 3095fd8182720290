using System.Reflection;
using System.Text;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>
/// The calls that are recorded: those of Cases/*.txt, and for every function that is implemented some with arguments from <see cref="Pools"/>.
/// A family is a file of records.
/// </summary>
internal static class FunctionCases
{
    private const int TuplesMax = 10;

    private static readonly HashSet<uint> s_comparisons = [.. Builtins.Operators
        .Where(o => o.Name is "=" or "<>" or "<" or ">" or "<=" or ">=" or "~<~" or "~<=~" or "~>~" or "~>=~").Select(o => o.Code)];

    private static readonly HashSet<uint> s_casts = [.. Builtins.Casts.Select(c => c.Function)];

    private static readonly string[] s_systemPrefixes =
    [
        "has_", "to_reg", "row_security", "format_type", "current_", "session_user", "version", "getdatabaseencoding", "getpgusername", "inet_client",
        "inet_server", "oidvectortypes", "txid_",
    ];

    public static readonly string[] Families =
    [
        "aggregates", "arrays", "bits", "casts", "comparisons", "formatting", "json", "network", "numbers", "patterns", "ranges", "sets", "system",
        "text", "times", "windows",
    ];

    public static IEnumerable<FunctionCase> Of(string family)
    {
        var written = Written().Where(c => FamilyOf(c.Function) == family).ToLookup(c => c.Function.Oid);
        var functions = Implementations.Functions.Where(f => FamilyOf(f) == family && !ResultCalls.Signatures.Contains(f.Signature)).ToDictionary(f => f.Oid);
        foreach (var function in functions.Values.OrderBy(f => f.Signature, StringComparer.Ordinal))
        {
            foreach (var item in written[function.Oid].Concat(Generated(function)))
            {
                yield return item;
            }
        }
    }

    public static string FamilyOf(PgFunction function)
    {
        bool Takes(Func<uint, bool> types) => function.Arguments.Append(function.ReturnType).Any(types);
        return IsOfSystem(function) ? "system"
            : function.ReturnsSet ? "sets"
            : function.Kind == 'a' ? "aggregates"
            : function.Kind == 'w' ? "windows"
            : s_comparisons.Contains(function.Oid) || function.Name.EndsWith("cmp", StringComparison.Ordinal)
                || function.Name.Contains("_cmp_", StringComparison.Ordinal)
                || function.Name.EndsWith("larger", StringComparison.Ordinal) || function.Name.EndsWith("smaller", StringComparison.Ordinal)
                ? "comparisons"
            : function.Name.StartsWith("regex", StringComparison.Ordinal) || function.Name.Contains("like", StringComparison.Ordinal)
                || function.Name.Contains("similar", StringComparison.Ordinal) || function.Source.Contains("regex", StringComparison.Ordinal)
                ? "patterns"
            : function.Name is "to_char" or "to_number" or "to_date" or "to_timestamp" ? "formatting"
            : s_casts.Contains(function.Oid) ? "casts"
            : function.ReturnType == PgTypes.Bytea && function.Name.EndsWith("send", StringComparison.Ordinal) ? "bits"
            : Takes(t => t is PgTypes.Json or PgTypes.Jsonb or PgTypes.JsonPath) ? "json"
            : Takes(t => PgTypes.Find(t) is { } type && (type.Category == 'R' || type.Name.Contains("range", StringComparison.Ordinal))) ? "ranges"
            : Takes(t => PgTypes.Find(t) is { } type && (type.Category == 'A' || type.Name is "anyarray" or "anycompatiblearray")) ? "arrays"
            : Takes(t => PgTypes.Find(t)?.Category is 'D' or 'T') ? "times"
            : Takes(t => PgTypes.Find(t)?.Category is 'I' || t is PgTypes.MacAddr or PgTypes.MacAddr8) ? "network"
            : Takes(t => PgTypes.Find(t)?.Category is 'V' || t == PgTypes.Bytea) ? "bits"
            : Takes(t => t is PgTypes.Text or PgTypes.BpChar or PgTypes.Name) || Takes(t => t == PgTypes.Any) ? "text"
            : function.Arguments.Count > 0 && Takes(t => PgTypes.Find(t)?.Category is 'N' or 'B') ? "numbers"
            : "system";
    }

    /// <summary>Functions whose answers depend on the catalogs, the session or the server.</summary>
    private static bool IsOfSystem(PgFunction function) =>
        (function.Name.StartsWith("pg_", StringComparison.Ordinal) && !function.Name.Contains("lsn", StringComparison.Ordinal)
            && !function.Name.StartsWith("pg_size", StringComparison.Ordinal))
        || s_systemPrefixes.Any(prefix => function.Name.StartsWith(prefix, StringComparison.Ordinal))
        || function.Name.EndsWith("_description", StringComparison.Ordinal);

    /// <summary>The lines of Cases/*.txt: a signature and arguments, separated by tabs; <c>@types=23 25</c> and <c>@set=…</c> may precede them.</summary>
    private static IEnumerable<FunctionCase> Written()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".txt", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            while (reader.ReadLine() is { } line)
            {
                if (line.Length > 0 && line[0] != '#')
                {
                    yield return ReadLine(line);
                }
            }
        }
    }

    private static FunctionCase ReadLine(string line)
    {
        var fields = line.Split('\t');
        var function = Builtins.FindFunction(fields[0]) ?? throw new InvalidDataException($"There is no {fields[0]}.");
        var (types, settings, at) = (function.Arguments.ToArray(), "", 1);
        for (; at < fields.Length && fields[at].StartsWith('@'); at++)
        {
            if (fields[at].StartsWith("@types=", StringComparison.Ordinal))
            {
                types = [.. fields[at]["@types=".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(TypeOf)];
            }
            else
            {
                settings = fields[at]["@set=".Length..];
            }
        }

        return new FunctionCase(function, types, settings, [.. fields[at..].Select(Unescape)]);
    }

    private static uint TypeOf(string text) =>
        uint.TryParse(text, out var oid) ? oid : PgTypes.Find(text)?.Oid ?? throw new InvalidDataException($"There is no type {text}.");

    /// <summary><c>\N</c> is NULL; <c>\t</c>, <c>\n</c>, <c>\\</c> stand for themselves.</summary>
    private static string? Unescape(string text) => text == @"\N" ? null : text.Replace(@"\\", "\u0001", StringComparison.Ordinal)
        .Replace(@"\t", "\t", StringComparison.Ordinal).Replace(@"\n", "\n", StringComparison.Ordinal).Replace('\u0001', '\\');

    private static List<FunctionCase> Generated(PgFunction function)
    {
        // A table, a window's frame and what depends on the server or the day need thought: those are written by hand.
        if (function.Kind == 'w' || IsOfSystem(function) || function.ReturnsSet || function.Volatility == Volatility.Volatile
            || function is { Name: "age", Arguments.Count: 1 })
        {
            return [];
        }

        var random = new Random(unchecked((int)function.Oid));
        var cases = Polymorphism.Actual(function).SelectMany(types => function.Kind == 'a'
            ? Aggregates.Of(function, types, random)
            : Tuples(types, random, function.Strict).Select(arguments => new FunctionCase(function, types, "", arguments)));
        return [.. cases];
    }

    private static IEnumerable<string?[]> Tuples(uint[] types, Random random, bool strict)
    {
        if (types.Any(t => Pools.Of(t).Length == 0))
        {
            yield break;
        }

        if (types.Length == 1)
        {
            foreach (var text in Pools.Of(types[0]))
            {
                yield return [text];
            }
        }

        for (var i = 0; i < TuplesMax && types.Length > 1; i++)
        {
            yield return [.. types.Select(t => Pools.Of(t)[random.Next(Pools.Of(t).Length)])];
        }

        // Equal values and the first ones of the pools, which are the ordinary ones.
        if (types.Length == 2 && types[0] == types[1])
        {
            foreach (var text in Pools.Of(types[0]).Take(3))
            {
                yield return [text, text];
            }
        }

        yield return [.. types.Select(t => Pools.Of(t)[0])];
        for (var i = 0; i < types.Length && (i == 0 || !strict); i++)
        {
            yield return [.. types.Select((t, j) => j == i ? null : Pools.Of(t)[0])];
        }
    }
}
