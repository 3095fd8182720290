using System.Collections.Frozen;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Types.Codecs;
using Rqlite.Pg.Types.Values;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>
/// The collations of types whose stored forms do not sort as their values do, or have several forms of one value. They stand wherever values
/// of the type are compared, sorted or grouped. Their names never change, since schemas hold them.
/// </summary>
internal static class TypeCollations
{
    private static readonly uint[] s_scalars =
    [
        PgTypes.Numeric, PgTypes.Interval, PgTypes.TimeTz, PgTypes.Jsonb, PgTypes.Inet, PgTypes.PgLsn, PgTypes.Tid, PgTypes.OidVector, PgTypes.Int2Vector,
    ];

    /// <summary>By type; several types may share one.</summary>
    private static readonly FrozenDictionary<uint, string> s_names = Names();

    /// <summary>The collation of a type; null for a type whose stored form SQLite compares rightly by itself.</summary>
    public static string? NameOf(uint type) => s_names.GetValueOrDefault(type);

    /// <summary>The COLLATE clause of a type; empty for none.</summary>
    public static string Clause(uint type) => NameOf(type) is { } name ? "COLLATE " + name : "";

    public static void Register(FunctionRegistry registry)
    {
        foreach (var (type, name) in s_names.DistinctBy(n => n.Value))
        {
            var codec = Codec.For(type);
            registry.Collation(
                name,
                type == PgTypes.Numeric
                    ? NumericOrder.Compare
                    : (left, right) => codec.Compare(SqliteValue.FromText(left), SqliteValue.FromText(right), new PgType(type)));
        }
    }

    private static FrozenDictionary<uint, string> Names()
    {
        var names = s_scalars.ToDictionary(type => type, type => "pg_" + PgTypes.Find(type)!.Name);
        names[PgTypes.Cidr] = names[PgTypes.Inet];
        foreach (var type in PgTypes.All)
        {
            if (type.Kind is 'r' or 'm')
            {
                names[type.Oid] = "pg_" + type.Name;
            }
            else if (type.IsArray && SupportedTypes.Contains(type.ElementOid))
            {
                names[type.Oid] = "pg_array_" + PgTypes.Find(type.ElementOid)!.Name;
            }
        }

        return names.ToFrozenDictionary();
    }
}
