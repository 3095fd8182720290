using System.Collections.Frozen;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Binding;

/// <summary>The types that a statement can name, built-in ones and those of the schema, in one form (PostgreSQL's lsyscache.c).</summary>
internal sealed class TypeLookup(BindContext context)
{
    private static readonly FrozenDictionary<uint, uint> s_ranges = PgTypes.All.Where(type => type.MultirangeOid != 0)
        .ToFrozenDictionary(type => type.MultirangeOid, type => type.Oid);

    private readonly Dictionary<uint, PgTypeInfo?> _own = [];

    public static bool IsPolymorphic(uint oid) => IsFirstFamily(oid) || IsSecondFamily(oid);

    /// <summary>The polymorphic types that stand for the same type each time.</summary>
    public static bool IsFirstFamily(uint oid) => oid is PgTypes.AnyElement or PgTypes.AnyArray or PgTypes.AnyNonArray or PgTypes.AnyEnum
        or PgTypes.AnyRange or PgTypes.AnyMultirange;

    /// <summary>The polymorphic types whose arguments are converted to a common type.</summary>
    public static bool IsSecondFamily(uint oid) => oid is PgTypes.AnyCompatible or PgTypes.AnyCompatibleArray
        or PgTypes.AnyCompatibleNonArray or PgTypes.AnyCompatibleRange or PgTypes.AnyCompatibleMultirange;

    /// <summary>Null for an OID that names no type.</summary>
    public PgTypeInfo? Find(uint oid)
    {
        if (PgTypes.Find(oid) is { } builtin)
        {
            return builtin;
        }

        if (!_own.TryGetValue(oid, out var own))
        {
            own = context.Schema.FindType(oid) is { } type ? Convert(type) : null;
            _own[oid] = own;
        }

        return own;
    }

    /// <summary>A type that is not built in; null for any other OID.</summary>
    public TypeInfo? FindOwn(uint oid) => PgTypes.Find(oid) is null ? context.Schema.FindType(oid) : null;

    /// <summary>Finds a type of a schema.</summary>
    /// <param name="name">The catalog's name, for example <c>int4</c> or <c>_int4</c>.</param>
    public uint FindNamed(string schema, string name) => schema == "pg_catalog" && PgTypes.Find(name) is { } builtin
        ? builtin.Oid
        : context.Schema.FindType(schema, name)?.Oid ?? 0;

    /// <summary>Finds a type along the search path; 0 if there is none.</summary>
    public uint FindInPath(string name)
    {
        foreach (var schema in context.EffectivePath)
        {
            if (FindNamed(schema, name) is not 0 and var oid)
            {
                return oid;
            }
        }

        return 0;
    }

    public bool IsDomain(uint oid) => Find(oid)?.Kind == 'd';

    public bool IsEnum(uint oid) => Find(oid)?.Kind == 'e';

    public bool IsRange(uint oid) => Find(oid)?.Kind == 'r';

    public bool IsMultirange(uint oid) => Find(oid)?.Kind == 'm';

    /// <summary>A row type of a relation, or a domain over one.</summary>
    public bool IsComposite(uint oid) => Find(BaseOf(oid))?.Kind == 'c';

    public bool IsCompositeArray(uint oid) => ElementOf(oid) is not 0 and var element && IsComposite(element);

    /// <summary>The type under all domains.</summary>
    public uint BaseOf(uint oid) => BaseOf(new PgType(oid)).Oid;

    /// <summary>The type under all domains with the modifier that they give it.</summary>
    public PgType BaseOf(PgType type)
    {
        while (PgTypes.Find(type.Oid) is null && context.Schema.FindType(type.Oid) is { Kind: 'd' } domain)
        {
            type = domain.Base;
        }

        return type;
    }

    /// <summary>The element of a true array type, which int2vector and oidvector are as well; 0 for any other type.</summary>
    public uint ElementOf(uint oid) => Find(oid) is { } type && (type.IsArray || oid is PgTypes.Int2Vector or PgTypes.OidVector)
        ? type.ElementOid
        : 0;

    /// <summary>The element of an array or of a domain over one.</summary>
    public uint BaseElementOf(uint oid) => ElementOf(BaseOf(oid));

    public uint ArrayOf(uint oid) => Find(oid)?.ArrayOid ?? 0;

    public uint RangeSubtype(uint oid) => Find(oid)?.RangeSubtype ?? 0;

    /// <summary>The range type of a multirange.</summary>
    public uint RangeOf(uint multirange) => s_ranges.GetValueOrDefault(multirange);

    public uint MultirangeOf(uint range) => Find(range)?.MultirangeOid ?? 0;

    /// <summary>The character of typcategory; a NUL for no type.</summary>
    public char CategoryOf(uint oid) => Find(oid)?.Category ?? '\0';

    public bool IsPreferred(uint oid) => Find(oid)?.Preferred ?? false;

    /// <summary>True for a preferred type of the category; a NUL stands for any category.</summary>
    public bool IsPreferred(char category, uint oid) =>
        Find(oid) is { Preferred: true } type && (category == type.Category || category == '\0');

    public uint CollationOf(uint oid) => Find(oid)?.CollationOid ?? 0;

    /// <summary>The name of a type in messages (format_type_be).</summary>
    public string Format(uint oid)
    {
        if (oid == 0 || PgTypes.Find(oid) is not null)
        {
            return TypeFormat.Name(oid);
        }

        return Find(oid)?.SqlName ?? "???";
    }

    private PgTypeInfo Convert(TypeInfo type)
    {
        var element = type.Kind == 'b' ? type.ElementOid : 0;
        var under = type.Kind == 'd' ? Find(type.Base.Oid) : null;
        var collation = type.Kind switch
        {
            'd' => type.Collation != 0 ? type.Collation : under?.CollationOid ?? 0,
            'b' => CollationOf(element),
            _ => 0u,
        };
        var (input, category) = type.Kind switch
        {
            'e' => ("enum_in", 'E'),
            'd' => ("domain_in", under?.Category ?? 'X'),
            'c' => ("record_in", 'C'),
            _ => ("array_in", 'A'),
        };
        var stem = input[..^3];
        var label = type.Kind == 'e';
        return new PgTypeInfo(
            type.Oid, type.Name, FormatOwn(type, element), label ? (short)4 : under?.Length ?? -1, label || (under?.ByValue ?? false),
            type.Kind, category, Preferred: false, Find(element)?.Delimiter ?? ',', element, type.ArrayOid, label ? 'i' : under?.Align ?? 'd',
            label ? 'p' : under?.Storage ?? 'x', type.Base.Oid, collation, RangeSubtype: 0, MultirangeOid: 0, input, $"{stem}_out",
            $"{stem}_recv", $"{stem}_send", "", "");
    }

    private string FormatOwn(TypeInfo type, uint element) => element != 0 ? Format(element) + "[]"
        : FindInPath(type.Name) == type.Oid ? QuoteIdentifier(type.Name)
        : $"{QuoteIdentifier(type.Schema)}.{QuoteIdentifier(type.Name)}";

    /// <summary>quote_identifier: in quotes unless the name is a plain word that is no keyword or an unreserved one.</summary>
    public static string QuoteIdentifier(string name)
    {
        var plain = name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_');
        foreach (var character in name)
        {
            plain &= char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '_';
        }

        if (plain)
        {
            var keyword = Keywords.Find(name);
            plain = keyword == Keyword.NoKeyword || Keywords.IsSqliteOnly(keyword) || Keywords.ClassOf(keyword) == KeywordClass.Unreserved;
        }

        return plain ? name : $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
