using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Values;

/// <summary>Tells which binary formats are texts, or hold some: those are in the client's encoding.</summary>
internal static class BinaryTexts
{
    /// <summary>True for a type whose binary format is a text, perhaps behind a version number. Types that are not built in are enums and domains.</summary>
    public static bool IsText(uint oid) => PgTypes.Find(oid) is not { } type || type.SendFunction is
        "textsend" or "varcharsend" or "bpcharsend" or "namesend" or "unknownsend" or "cstring_send" or "enum_send" or "json_send" or "jsonb_send"
        or "jsonpath_send" or "xml_send";

    /// <summary>True for an array, range or row whose binary format has texts between lengths.</summary>
    public static bool HoldsTexts(uint oid) => PgTypes.Find(oid) is { } type && type.SendFunction switch
    {
        "array_send" => IsText(type.ElementOid) || HoldsTexts(type.ElementOid),
        "range_send" => IsText(type.RangeSubtype),
        "record_send" => true,
        _ => false,
    };

    /// <summary>The refusal of a type that holds texts, for a client whose texts are converted.</summary>
    public static TypeException Refusal(uint oid) => new(
        SqlState.FeatureNotSupported, $"binary format of type {PgTypes.SqlNameOf(oid)} is not supported with this client_encoding",
        hint: "Use the text format, or set client_encoding to UTF8.");
}
