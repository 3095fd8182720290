using System.Globalization;
using Rqlite.Pg.Dialect.Binding;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Definitions;

/// <summary>Literals of the reg types, which name objects.</summary>
internal static class RegConstants
{
    public static bool IsRegType(uint type) => PgTypes.Find(type) is { } info && info.InputFunction.StartsWith("reg", StringComparison.Ordinal);

    /// <summary>The object that a literal names; null for what is no literal.</summary>
    /// <param name="names">The names as the text's author saw them.</param>
    public static uint? OidOf(BoundExpression value, SchemaNames names) => value switch
    {
        Const { Text: { } text } constant when IsRegType(constant.Type.Oid) => Find(constant.Type.Oid, text, names),
        CoerceViaIOExpr { Argument: Const { Text: { } text } } cast when IsRegType(cast.Type.Oid) => Find(cast.Type.Oid, text, names),
        _ => null,
    };

    private static uint? Find(uint type, string text, SchemaNames names) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var oid) ? oid : names.Find(type, text);
}
