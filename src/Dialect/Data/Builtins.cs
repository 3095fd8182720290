using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>
/// PostgreSQL 15's built-in functions, operators, casts and aggregates, with the OIDs that they have in every database. They are rows of its
/// catalogs, embedded as tables.
/// </summary>
public static class Builtins
{
    private static readonly Lazy<Tables> s_tables = new(Load);

    public static IReadOnlyList<PgFunction> Functions => s_tables.Value.Functions;

    public static IReadOnlyList<PgOperator> Operators => s_tables.Value.Operators;

    public static IReadOnlyList<PgCast> Casts => s_tables.Value.Casts;

    public static IReadOnlyList<PgAggregate> Aggregates => s_tables.Value.Aggregates;

    public static PgFunction? FindFunction(uint oid) => s_tables.Value.FunctionsByOid.GetValueOrDefault(oid);

    /// <param name="signature">As regprocedure prints it, for example <c>lower(text)</c>.</param>
    public static PgFunction? FindFunction(string signature) => s_tables.Value.FunctionsBySignature.GetValueOrDefault(signature);

    /// <summary>All functions of a name in pg_catalog.</summary>
    public static IReadOnlyList<PgFunction> FunctionsNamed(string name) => FunctionsNamed("pg_catalog", name);

    public static IReadOnlyList<PgFunction> FunctionsNamed(string schema, string name) =>
        s_tables.Value.FunctionsByName.GetValueOrDefault((schema, name), []);

    public static PgOperator? FindOperator(uint oid) => s_tables.Value.OperatorsByOid.GetValueOrDefault(oid);

    /// <summary>All operators of a name, with one and two operands.</summary>
    public static IReadOnlyList<PgOperator> OperatorsNamed(string name) => s_tables.Value.OperatorsByName.GetValueOrDefault(name, []);

    public static PgCast? FindCast(uint source, uint target) => s_tables.Value.CastsByTypes.GetValueOrDefault((source, target));

    public static PgAggregate? FindAggregate(uint function) => s_tables.Value.AggregatesByFunction.GetValueOrDefault(function);

    private static Tables Load()
    {
        PgFunction[] functions = [.. Read("pg-functions.tsv").Select(ReadFunction)];
        PgOperator[] operators = [.. Read("pg-operators.tsv").Select(f => new PgOperator(
            Oid(f[0]), f[1], Oid(f[2]), Oid(f[3]), Oid(f[4]), Oid(f[5]), Oid(f[6]), Oid(f[7]), f[8] == "t", f[9] == "t"))];
        PgCast[] casts = [.. Read("pg-casts.tsv").Select(f => new PgCast(Oid(f[0]), Oid(f[1]), Oid(f[2]), f[3][0], f[4][0], Oid(f[5])))];
        PgAggregate[] aggregates = [.. Read("pg-aggregates.tsv").Select(f => new PgAggregate(
            Oid(f[0]), f[1][0], int.Parse(f[2], CultureInfo.InvariantCulture), Oid(f[3])))];
        return new Tables(
            functions, operators, casts, aggregates,
            functions.ToFrozenDictionary(f => f.Oid),
            functions.ToFrozenDictionary(f => f.Signature, StringComparer.Ordinal),
            functions.GroupBy(f => (f.Schema, f.Name)).ToFrozenDictionary(g => g.Key, g => g.ToArray()),
            operators.ToFrozenDictionary(o => o.Oid),
            operators.GroupBy(o => o.Name).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal),
            casts.ToFrozenDictionary(c => (c.Source, c.Target)),
            aggregates.ToFrozenDictionary(a => a.Function));
    }

    private static PgFunction ReadFunction(string[] f) => new(
        Oid(f[0]), f[1], f[2][0], f[3] switch { "i" => Volatility.Immutable, "s" => Volatility.Stable, _ => Volatility.Volatile }, f[4] == "t",
        f[5] == "t", Oid(f[6]), f[14].Length == 0 ? 0 : f[14].Count('|') + 1, Oid(f[7]), Oids(f[8]), Oids(f[9]), f[10],
        f[11].Length == 0 ? [] : f[11].Split(' '), f[12], f[13])
    {
        DefaultValues = f[14].Length == 0 ? [] : f[14].Split('|'),
    };

    private static IEnumerable<string[]> Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The table {name} is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        _ = reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            yield return line.Split('\t');
        }
    }

    private static uint Oid(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private static uint[] Oids(string text) => text.Length == 0 ? [] : [.. text.Split(' ').Select(Oid)];

    private sealed record Tables(
        PgFunction[] Functions, PgOperator[] Operators, PgCast[] Casts, PgAggregate[] Aggregates,
        FrozenDictionary<uint, PgFunction> FunctionsByOid, FrozenDictionary<string, PgFunction> FunctionsBySignature,
        FrozenDictionary<(string Schema, string Name), PgFunction[]> FunctionsByName, FrozenDictionary<uint, PgOperator> OperatorsByOid,
        FrozenDictionary<string, PgOperator[]> OperatorsByName, FrozenDictionary<(uint Source, uint Target), PgCast> CastsByTypes,
        FrozenDictionary<uint, PgAggregate> AggregatesByFunction);
}
