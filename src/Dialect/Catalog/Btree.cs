using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The operator classes of btree that indexes and foreign keys use.</summary>
internal static class Btree
{
    public const uint Method = 403;

    private static readonly Lazy<FrozenDictionary<uint, PgOperatorClass>> s_classes = new(() =>
        OperatorFamilies.Classes.Where(c => c.Btree).ToFrozenDictionary(c => c.Oid));

    private static readonly Lazy<FrozenDictionary<uint, PgOperatorClass>> s_defaults = new(() =>
        s_classes.Value.Values.Where(c => c.Default).ToFrozenDictionary(c => c.Type));

    public static PgOperatorClass? Find(uint oid) => s_classes.Value.GetValueOrDefault(oid);

    /// <summary>The class that an index of a type has unless another one is named; null for a type without order.</summary>
    public static PgOperatorClass? DefaultOf(ISchema schema, uint type) => s_defaults.Value.GetValueOrDefault(InputOf(schema, type));

    /// <summary>The operator by which a foreign key compares two types; 0 without one.</summary>
    public static uint Equal(ISchema schema, uint left, uint right)
    {
        var (one, two) = (InputOf(schema, left), InputOf(schema, right));
        return s_defaults.Value.GetValueOrDefault(one) is not { } operators ? 0
            : (OperatorFamilies.Find(btree: true, operators.Family, one, two, OperatorFamilies.Equal)
                ?? OperatorFamilies.Find(btree: true, operators.Family, one, one, OperatorFamilies.Equal))?.Oid ?? 0;
    }

    /// <summary>The type for which a class is the default one: that under a domain, or one of the same representation.</summary>
    private static uint InputOf(ISchema schema, uint type)
    {
        while (schema.FindType(type) is { Kind: 'd' } domain)
        {
            type = domain.Base.Oid;
        }

        return type switch
        {
            PgTypes.VarChar => PgTypes.Text,
            PgTypes.Cidr => PgTypes.Inet,
            _ when s_defaults.Value.ContainsKey(type) => type,
            _ => (PgTypes.Find(type), schema.FindType(type)) switch
            {
                (_, { Kind: 'e' }) => PgTypes.AnyEnum,
                (_, { Kind: 'c' }) => PgTypes.Record,
                (_, { ElementOid: not 0 }) or ({ IsArray: true }, _) => PgTypes.AnyArray,
                ({ Kind: 'r' }, _) => PgTypes.AnyRange,
                ({ Kind: 'm' }, _) => PgTypes.AnyMultirange,
                _ => type,
            },
        };
    }
}
