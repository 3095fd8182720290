using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The names of objects as a session with a search path sees and writes them: qualified where the path does not lead to them.</summary>
/// <param name="searchPath">The schemas of search_path, without the implicit ones.</param>
/// <param name="user">The name of the session's role.</param>
public sealed partial class SchemaNames(ISchema schema, IReadOnlyList<string> searchPath, string user) : IObjectNames
{
    /// <summary>The search path of a session that has set none, by which texts in the catalogs name objects.</summary>
    public static IReadOnlyList<string> DefaultPath { get; } = ["public"];

    /// <summary>The path with pg_catalog, which comes first unless the path names it.</summary>
    public IReadOnlyList<string> Path { get; } =
        searchPath.Contains("pg_catalog") ? searchPath : ["pg_catalog", .. searchPath];

    /// <summary>Texts of the catalogs name objects as this session does.</summary>
    internal bool SeesAsDefault => searchPath.SequenceEqual(DefaultPath);

    internal static SchemaNames Of(CatalogView view) => Of(view.Snapshot, view.Caller?.Settings);

    public static SchemaNames Of(ISchema schema, SessionSettings? settings) =>
        new(schema, settings?.SearchPath ?? DefaultPath, settings?.User ?? "postgres");

    /// <summary>The relation that a name without a schema means.</summary>
    public Relation? VisibleRelation(string name) => Path.Select(s => schema.FindRelation(s, name)).FirstOrDefault(relation => relation is not null);

    public bool IsVisible(Relation relation)
    {
        ArgumentNullException.ThrowIfNull(relation);
        return VisibleRelation(relation.Name)?.Oid == relation.Oid;
    }

    /// <summary>True for a type that its name alone finds.</summary>
    public bool IsTypeVisible(uint oid) => PgTypes.Find(oid) is not null || (schema.FindType(oid) is { } type && VisibleType(type.Name)?.Oid == oid);

    public string NameOf(Relation relation)
    {
        ArgumentNullException.ThrowIfNull(relation);
        return IsVisible(relation) ? Identifiers.Quote(relation.Name) : Identifiers.Qualify(relation.Schema, relation.Name);
    }

    /// <summary>format_type.</summary>
    /// <param name="modifier">Null where none is given, which names char and bit by their SQL names.</param>
    public string TypeName(uint oid, int? modifier = null)
    {
        if (PgTypes.Find(oid) is not null || schema.FindType(oid) is not { } type)
        {
            return TypeFormat.Name(oid, modifier);
        }

        if (type.ElementOid != 0)
        {
            return TypeName(type.ElementOid, modifier) + "[]";
        }

        var name = IsTypeVisible(oid) ? Identifiers.Quote(type.Name) : Identifiers.Qualify(type.Schema, type.Name);
        return modifier is >= 0 ? $"{name}({modifier})" : name;
    }

    public string? NameOf(uint type, uint oid) => type switch
    {
        PgTypes.RegClass => schema.FindRelation(oid) is { } relation ? NameOf(relation) : null,
        PgTypes.RegType => PgTypes.Find(oid) is not null || schema.FindType(oid) is not null ? TypeName(oid) : null,
        PgTypes.RegProc => Builtins.FindFunction(oid) is { } function ? FunctionName(function) : null,
        PgTypes.RegProcedure => Builtins.FindFunction(oid)?.Signature,
        PgTypes.RegOper => Builtins.FindOperator(oid) is { } op ? OperatorName(op) : null,
        PgTypes.RegOperator => Builtins.FindOperator(oid) is { } op ? OperatorSignature(op) : null,
        PgTypes.RegNamespace => SchemaName(oid) is { } name ? Identifiers.Quote(name) : null,
        PgTypes.RegRole => RoleName(oid) is { } name ? Identifiers.Quote(name) : null,
        PgTypes.RegCollation => CollationName(oid) is { } name ? Identifiers.Quote(name) : null,
        _ => null,
    };

    /// <summary>The name of a collation without quotes; null for an OID that no collation has.</summary>
    public static string? CollationName(uint oid) => StaticRows.Of("pg_collation").FirstOrDefault(row => row.Oid(0) == oid)?.Text(1);

    private TypeInfo? VisibleType(string name)
    {
        foreach (var s in Path)
        {
            if (s == "pg_catalog" && PgTypes.Find(name) is not null)
            {
                return null;
            }

            if (schema.FindType(s, name) is { } type)
            {
                return type;
            }
        }

        return null;
    }

    // A name alone means the function if there is no other of it.
    private static string FunctionName(PgFunction function) => Builtins.FunctionsNamed(function.Name).Count == 1
        ? Identifiers.Quote(function.Name)
        : Identifiers.Qualify("pg_catalog", function.Name);

    private static string OperatorName(PgOperator op) => Builtins.OperatorsNamed(op.Name).Count == 1 ? op.Name : "pg_catalog." + op.Name;

    private static string OperatorSignature(PgOperator op) =>
        $"{op.Name}({(op.Left == 0 ? "NONE" : TypeFormat.Name(op.Left))},{TypeFormat.Name(op.Right)})";

    private string? SchemaName(uint oid) => SystemCatalog.Schemas.FirstOrDefault(s => s.Oid == oid)?.Name
        ?? (schema as SchemaSnapshot)?.Schemas.FirstOrDefault(s => s.Oid == oid)?.Name;

    private string? RoleName(uint oid) => oid == ClassOids.Owner
        ? user
        : StaticRows.Of("pg_authid").FirstOrDefault(row => row.Oid(0) == oid)?.Text(1);
}
