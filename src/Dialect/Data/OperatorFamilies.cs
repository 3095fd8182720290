using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Dialect.Data;

/// <summary>A row of pg_opclass for btree or hash.</summary>
/// <param name="Btree">Whether it is one of btree rather than hash.</param>
/// <param name="Type">The type of what is indexed.</param>
public sealed record PgOperatorClass(uint Oid, bool Btree, string Name, uint Family, uint Type, bool Default);

/// <summary>A row of pg_amop for btree or hash.</summary>
/// <param name="Strategy">For btree from 1: less, less or equal, equal, greater or equal, greater; for hash 1: equal.</param>
public sealed record PgFamilyOperator(bool Btree, uint Family, uint Left, uint Right, short Strategy, uint Operator);

/// <summary>PostgreSQL 15's operator classes and families of btree and hash, which say how types are ordered and compared.</summary>
public static class OperatorFamilies
{
    public const short Less = 1;
    public const short Equal = 3;
    public const short Greater = 5;
    public const short HashEqual = 1;

    private static readonly Lazy<Tables> s_tables = new(Load);

    public static IReadOnlyList<PgOperatorClass> Classes => s_tables.Value.Classes;

    /// <summary>The families that an operator belongs to.</summary>
    public static IReadOnlyList<PgFamilyOperator> FamiliesOf(uint operatorOid) =>
        s_tables.Value.ByOperator.GetValueOrDefault(operatorOid, []);

    /// <summary>The operator of a family for two types; null if there is none.</summary>
    public static PgOperator? Find(bool btree, uint family, uint left, uint right, short strategy) =>
        s_tables.Value.ByStrategy.TryGetValue((btree, family, left, right, strategy), out var oid) ? Builtins.FindOperator(oid) : null;

    private static Tables Load()
    {
        PgOperatorClass[] classes = [.. Read("pg-opclasses.tsv").Select(f => new PgOperatorClass(
            Oid(f[0]), f[1] == "btree", f[2], Oid(f[3]), Oid(f[4]), f[5] == "t"))];
        PgFamilyOperator[] operators = [.. Read("pg-amops.tsv").Select(f => new PgFamilyOperator(
            f[0] == "btree", Oid(f[1]), Oid(f[2]), Oid(f[3]), short.Parse(f[4], CultureInfo.InvariantCulture), Oid(f[5])))];
        return new Tables(
            classes,
            operators.GroupBy(o => o.Operator).ToFrozenDictionary(g => g.Key, g => g.ToArray()),
            operators.ToFrozenDictionary(o => (o.Btree, o.Family, o.Left, o.Right, o.Strategy), o => o.Operator));
    }

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

    private sealed record Tables(
        PgOperatorClass[] Classes, FrozenDictionary<uint, PgFamilyOperator[]> ByOperator,
        FrozenDictionary<(bool Btree, uint Family, uint Left, uint Right, short Strategy), uint> ByStrategy);
}
