using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Rqlite.Pg.Types;

/// <summary>The built-in types of PostgreSQL 15, with the OIDs they have in every database.</summary>
public static partial class PgTypes
{
    private static readonly PgTypeInfo[] s_all = Load();
    private static readonly FrozenDictionary<uint, PgTypeInfo> s_byOid = s_all.ToFrozenDictionary(type => type.Oid);
    private static readonly FrozenDictionary<string, PgTypeInfo> s_byName = s_all.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);

    public static IReadOnlyList<PgTypeInfo> All => s_all;

    /// <summary>Null for a type that is not built in.</summary>
    public static PgTypeInfo? Find(uint oid) => s_byOid.GetValueOrDefault(oid);

    /// <summary>Finds a type by the catalog's name, for example <c>int4</c> or <c>_int4</c>.</summary>
    public static PgTypeInfo? Find(string name) => s_byName.GetValueOrDefault(name);

    /// <summary><c>typlen</c>; -1 for a type that is not built in.</summary>
    public static short LengthOf(uint oid) => Find(oid)?.Length ?? -1;

    /// <summary>The array type of an element's, 0 if there is none.</summary>
    public static uint ArrayOf(uint oid) => Find(oid)?.ArrayOid ?? 0;

    /// <summary>The element of an array type, 0 for any other type.</summary>
    public static uint ElementOf(uint oid) => Find(oid) is { IsArray: true } type ? type.ElementOid : 0;

    public static string SqlNameOf(uint oid) => Find(oid)?.SqlName ?? "???";

    private static PgTypeInfo[] Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("pg-types.tsv")
            ?? throw new InvalidOperationException("The table of types is not embedded.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var columns = reader.ReadLine()!.Split('\t').Select((name, index) => (name, index)).ToDictionary(c => c.name, c => c.index);
        var types = new List<PgTypeInfo>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            types.Add(ReadRow(line.Split('\t'), columns));
        }

        return [.. types];
    }

    private static PgTypeInfo ReadRow(string[] fields, Dictionary<string, int> columns)
    {
        string Text(string column) => fields[columns[column]];
        uint Oid(string column) => Text(column) is { Length: > 0 } text ? uint.Parse(text, CultureInfo.InvariantCulture) : 0;
        string Function(string column) => Text(column) is "-" ? "" : Text(column);

        return new PgTypeInfo(
            Oid("oid"), Text("typname"), Text("format"), short.Parse(Text("typlen"), CultureInfo.InvariantCulture), Text("typbyval") == "t",
            Text("typtype")[0], Text("typcategory")[0], Text("typispreferred") == "t", Text("typdelim")[0], Oid("typelem"), Oid("typarray"),
            Text("typalign")[0], Text("typstorage")[0], Oid("typbasetype"), Oid("typcollation"), Oid("rngsubtype"), Oid("rngmultitypid"),
            Function("typinput"), Function("typoutput"), Function("typreceive"), Function("typsend"), Function("typmodin"), Function("typmodout"));
    }
}
