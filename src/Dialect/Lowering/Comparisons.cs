using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Lowering;

/// <summary>A comparison that SQLite's own operator makes on stored values.</summary>
/// <param name="Sql">SQLite's operator.</param>
internal readonly record struct NativeComparison(string Sql, StoredOrder Order)
{
    public bool IsEquality => Sql == "=";

    public bool IsInequality => Sql == "<>";
}

/// <summary>
/// Finds the operators whose meaning on stored values is that of SQLite's =, &lt;&gt;, &lt; and so on, given the collation of the type, so that
/// indexes serve them. All other operators are calls of their functions.
/// </summary>
internal static class Comparisons
{
    public static NativeComparison? Find(PgOperator op, PgType left, PgType right, ISchema schema)
    {
        var sql = op.Name switch
        {
            "=" => "=",
            "<>" => "<>",
            "<" or "~<~" => "<",
            "<=" or "~<=~" => "<=",
            ">" or "~>~" => ">",
            ">=" or "~>=~" => ">=",
            _ => null,
        };
        if (sql is null || op.Result != PgTypes.Bool || op.Left == 0 || !SameStoredForm(op.Left, op.Right))
        {
            return null;
        }

        // For anyarray, anyenum and their kin the operands tell the type; either may be an unknown NULL.
        var type = PgTypes.Find(op.Left) is { Kind: 'p' } ? (left.Oid is PgTypes.Unknown ? right : left) : new PgType(op.Left);
        if (type.Oid == PgTypes.Record || op.Left == PgTypes.Json)
        {
            return null;
        }

        var order = StoredTypes.OrderOf(type, schema);
        if (order is { EnumOid: not 0 } && sql is "=" or "<>")
        {
            order = StoredOrder.Native;
        }

        return order is null ? null : new NativeComparison(sql, order.Value);
    }

    private static bool SameStoredForm(uint left, uint right) => left == right || (Family(left) is var family and not 0 && family == Family(right));

    private static int Family(uint type) => type switch
    {
        PgTypes.Int2 or PgTypes.Int4 or PgTypes.Int8 => 1,
        PgTypes.Text or PgTypes.Name => 2,
        _ => 0,
    };
}
