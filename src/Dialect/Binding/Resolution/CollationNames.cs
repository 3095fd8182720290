using Rqlite.Pg.Dialect.Syntax;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The collations that exist here. All of them order by code points; PostgreSQL's others are refused.</summary>
internal static class CollationNames
{
    public const uint Default = 100;
    public const uint C = 950;
    public const uint Posix = 951;
    public const uint UcsBasic = 12340;

    /// <summary>0 if there is none of the name.</summary>
    public static uint Find(string name) => name switch
    {
        "default" => Default,
        "C" => C,
        "POSIX" => Posix,
        "ucs_basic" => UcsBasic,
        _ => 0,
    };

    public static string NameOf(uint oid) => oid switch
    {
        Default => "default",
        C => "C",
        Posix => "POSIX",
        UcsBasic => "ucs_basic",
        _ => "???",
    };

    /// <summary>
    /// True for names that a PostgreSQL may have from its libraries: <c>de-x-icu</c>, <c>en_US</c>, <c>de_DE.utf8</c>, <c>C.utf8</c>.
    /// </summary>
    public static bool IsLocale(string name)
    {
        if (name.EndsWith("-x-icu", StringComparison.Ordinal) || name.StartsWith("C.", StringComparison.Ordinal))
        {
            return true;
        }

        // Two or three letters of a language, two of a country.
        var language = name.IndexOf('_', StringComparison.Ordinal);
        var country = name.AsSpan(language + 1);
        return language is 2 or 3 && !name.AsSpan(0, language).ContainsAnyExceptInRange('a', 'z')
            && country.Length >= 2 && !country[..2].ContainsAnyExceptInRange('A', 'Z') && (country.Length == 2 || country[2] is '.' or '@');
    }
}

/// <summary>COLLATE clauses.</summary>
internal sealed partial class Resolver
{
    /// <summary>The collation of a name.</summary>
    /// <exception cref="DialectException">42704: there is none; 0A000: PostgreSQL may have it.</exception>
    public uint Collation(NodeList<string> name, Location location)
    {
        var (schema, local) = Split(name, location);
        var found = schema is null || RequireSchema(schema, location) == "pg_catalog" ? CollationNames.Find(local) : 0;
        return found != 0 ? found
            : CollationNames.IsLocale(local) ? throw _context.Error("0A000", $"collation \"{Join(name)}\" is not supported", location)
            : throw _context.Error("42704", $"collation \"{Join(name)}\" for encoding \"UTF8\" does not exist", location);
    }

    /// <summary>Makes <c>x COLLATE name</c>.</summary>
    /// <exception cref="DialectException">42804: the type has no collations.</exception>
    public BoundExpression Collate(BoundExpression value, NodeList<string> name, Location location) =>
        value.Type.Oid != PgTypes.Unknown && _types.CollationOf(value.Type.Oid) == 0
            ? throw _context.Error("42804", $"collations are not supported by type {_types.Format(value.Type.Oid)}", location)
            : new CollateExpr(value, Collation(name, location), location);
}
