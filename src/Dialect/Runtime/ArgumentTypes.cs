using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Runtime;

/// <summary>
/// The types of a call's arguments, for functions that take several. A stored value does not tell its type, so the lowering hands these functions
/// one argument more, the last: the OIDs in order with blanks between, each with <c>:modifier</c> unless that is -1. A <c>v</c> in front says that
/// the last of the arguments was written with VARIADIC and is the array of a <c>VARIADIC "any"</c>.
/// </summary>
/// <remarks>
/// Types that are not built in stand as what they are stored as: a domain as its base type, an enum as text, arrays of them likewise.
/// </remarks>
internal sealed class ArgumentTypes
{
    // Texts come from the lowering, which makes few; a limit all the same, since queries over HTTP may call our functions.
    private const int CacheMax = 10_000;

    private static readonly ConcurrentDictionary<string, ArgumentTypes> s_cache = new(StringComparer.Ordinal);

    [ThreadStatic]
    private static ArgumentTypes? t_last;

    private readonly byte[] _text;
    private readonly PgType[] _types;

    private ArgumentTypes(string text)
    {
        _text = Encoding.UTF8.GetBytes(text);
        IsVariadicArray = text.StartsWith('v');
        _types = [.. text[(IsVariadicArray ? 1 : 0)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ReadType)];
    }

    public int Count => _types.Length;

    /// <summary>The last argument is the array of the variadic ones.</summary>
    public bool IsVariadicArray { get; }

    public PgType this[int argument] => argument < _types.Length
        ? _types[argument]
        : throw new TypeException(SqlState.InternalError, "the types of arguments are missing");

    /// <summary>Tells whether calls of a function carry the types of their arguments.</summary>
    public static bool AreCarriedBy(PgFunction function) => function.Arguments.Any(IsPolymorphic);

    public static ArgumentTypes Of(in FunctionCall call)
    {
        var text = call.Bytes(call.Count - 1);
        var last = t_last;
        return last is not null && text.SequenceEqual(last._text) ? last : t_last = Find(Encoding.UTF8.GetString(text));
    }

    private static ArgumentTypes Find(string text)
    {
        if (!s_cache.TryGetValue(text, out var types))
        {
            types = new ArgumentTypes(text);
            if (s_cache.Count < CacheMax)
            {
                s_cache.TryAdd(text, types);
            }
        }

        return types;
    }

    private static bool IsPolymorphic(uint type) => type is PgTypes.AnyElement or PgTypes.AnyArray or PgTypes.AnyNonArray or PgTypes.AnyEnum
        or PgTypes.AnyRange or PgTypes.AnyMultirange or PgTypes.AnyCompatible or PgTypes.AnyCompatibleArray or PgTypes.AnyCompatibleNonArray
        or AnyCompatibleRange or AnyCompatibleMultirange or PgTypes.Any or PgTypes.Record or PgTypes.RecordArray;

    private const uint AnyCompatibleRange = 5080;
    private const uint AnyCompatibleMultirange = 4538;

    private static PgType ReadType(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return uint.TryParse(colon < 0 ? text : text[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var oid)
            && int.TryParse(colon < 0 ? "-1" : text[(colon + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var modifier)
                ? new PgType(oid, modifier)
                : throw new TypeException(SqlState.InvalidTextRepresentation, $"invalid types of arguments: \"{text}\"");
    }
}

internal static class ArgumentTypesOfCall
{
    /// <summary>The types of the arguments of a call that carries them.</summary>
    public static ArgumentTypes Types(this in FunctionCall call) => ArgumentTypes.Of(call);
}
