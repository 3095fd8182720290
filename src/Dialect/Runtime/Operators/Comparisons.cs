using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime.Operators;

/// <summary>
/// The comparison operators, as SQLite's own on the stored forms, with a type's collation where it has one. So an index serves them.
/// </summary>
internal static class Comparisons
{
    private static readonly Dictionary<string, string> s_symbols = new()
    {
        ["="] = "=",
        ["<>"] = "<>",
        ["<"] = "<",
        ["<="] = "<=",
        [">"] = ">",
        [">="] = ">=",
        ["~<~"] = "<",
        ["~<=~"] = "<=",
        ["~>~"] = ">",
        ["~>=~"] = ">=",
    };

    /// <summary>Types whose values are all stored alike, so each compares with each.</summary>
    private static readonly uint[][] s_kin =
    [
        [PgTypes.Int2, PgTypes.Int4, PgTypes.Int8],
        [PgTypes.Text, PgTypes.Name],
        [PgTypes.Xid, PgTypes.Int4],
    ];

    public static void Register(FunctionRegistry registry)
    {
        var done = new HashSet<uint>();
        foreach (var operation in Builtins.Operators)
        {
            if (s_symbols.TryGetValue(operation.Name, out var symbol) && Template(operation.Left, operation.Right, symbol) is { } template
                && done.Add(operation.Code))
            {
                registry.Native(Builtins.FindFunction(operation.Code)!.Signature, template);
            }
        }
    }

    private static string? Template(uint left, uint right, string symbol) =>
        (left, right) is (PgTypes.Float4, PgTypes.Float8) ? $"({Widened("{0}")} {symbol} {{1}})"
        : (left, right) is (PgTypes.Float8, PgTypes.Float4) ? $"({{0}} {symbol} {Widened("{1}")})"
        : left == PgTypes.AnyEnum ? EnumTemplate(symbol)
        : IsPolymorphic(left) ? $"({{0}} {{c0}} {symbol} {{1}})"
        : left == right && SupportedTypes.Contains(left) ? $"({Collated(left)} {symbol} {{1}})"
        : s_kin.Any(kin => kin.Contains(left) && kin.Contains(right)) ? $"({{0}} {symbol} {{1}})"
        : null;

    private static bool IsPolymorphic(uint type) => PgTypes.Find(type)?.Name is "anyarray" or "anyrange" or "anymultirange";

    private static string Collated(uint type) => TypeCollations.NameOf(type) is { } name ? $"{{0}} COLLATE {name}" : "{0}";

    /// <summary>real is stored with its shortest digits, which are not the value that it has as double precision.</summary>
    private static string Widened(string operand) => $"{Builtins.FindFunction("float8(real)")!.SqliteName}({operand})";

    /// <summary>Labels are stored, and only the catalog knows their order.</summary>
    private static string EnumTemplate(string symbol) => symbol is "=" or "<>"
        ? $"({{0}} {symbol} {{1}})"
        : $"(pg_enum_order({{t0}}, {{0}}) {symbol} pg_enum_order({{t1}}, {{1}}))";
}
