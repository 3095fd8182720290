using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The operator classes and families of btree, by which indexes order their keys.</summary>
internal static class Btree
{
    public const uint Method = 403;

    private const short EqualStrategy = 3;

    private static readonly Lazy<FrozenDictionary<uint, OperatorClass>> s_classes = new(() => StaticRows.Of("pg_opclass")
        .Select(row => new OperatorClass(row.Oid(0), row.Text(2)!, row.Oid(5), row.Oid(6), row.Text(7) == "t")).ToFrozenDictionary(c => c.Oid));

    private static readonly Lazy<FrozenDictionary<uint, OperatorClass>> s_defaults = new(() =>
        s_classes.Value.Values.Where(c => c.IsDefault).ToFrozenDictionary(c => c.Type));

    private static readonly Lazy<FrozenDictionary<(uint Family, uint Left, uint Right), uint>> s_equal = new(() => StaticRows.Of("pg_amop")
        .Where(row => row.Text(4) == $"{EqualStrategy}")
        .ToFrozenDictionary(row => (row.Oid(1), row.Oid(2), row.Oid(3)), row => row.Oid(6)));

    public static OperatorClass? Find(uint oid) => s_classes.Value.GetValueOrDefault(oid);

    /// <summary>The class that an index of a type has unless another one is named; null for a type without order.</summary>
    public static OperatorClass? DefaultOf(SchemaSnapshot snapshot, uint type) => s_defaults.Value.GetValueOrDefault(InputOf(snapshot, type));

    /// <summary>The operator by which a foreign key compares two types; 0 without one.</summary>
    public static uint Equal(SchemaSnapshot snapshot, uint left, uint right)
    {
        var (one, two) = (InputOf(snapshot, left), InputOf(snapshot, right));
        return s_defaults.Value.GetValueOrDefault(one) is { } operators
            ? s_equal.Value.GetValueOrDefault((operators.Family, one, two), s_equal.Value.GetValueOrDefault((operators.Family, one, one)))
            : 0;
    }

    /// <summary>The type for which a class is the default one: that under a domain, or one of the same representation.</summary>
    private static uint InputOf(SchemaSnapshot snapshot, uint type)
    {
        while (snapshot.FindType(type) is { Kind: 'd' } domain)
        {
            type = domain.Base.Oid;
        }

        return type switch
        {
            PgTypes.VarChar => PgTypes.Text,
            PgTypes.Cidr => PgTypes.Inet,
            PgTypes.Int2Vector or PgTypes.OidVector => type,
            _ when s_defaults.Value.ContainsKey(type) => type,
            _ => TypeFacts.Find(snapshot, type) switch
            {
                { Kind: 'e' } => PgTypes.AnyEnum,
                { Kind: 'r' } => PgTypes.AnyRange,
                { Kind: 'm' } => PgTypes.AnyMultirange,
                { Kind: 'c' } => PgTypes.Record,
                { Category: 'A' } => PgTypes.AnyArray,
                _ => type,
            },
        };
    }
}

/// <param name="Type">The type of the keys.</param>
internal sealed record OperatorClass(uint Oid, string Name, uint Family, uint Type, bool IsDefault);
