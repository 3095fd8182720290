using System.Collections.Concurrent;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The objects of a database as of one version of its schema; what every database has is added from <see cref="SystemCatalog"/>.</summary>
public sealed class SchemaSnapshot : ISchema
{
    private readonly Dictionary<string, SchemaInfo> _schemas;
    private readonly Dictionary<(string Schema, string Name), Relation> _relationsByName;
    private readonly Dictionary<uint, Relation> _relationsByOid;
    private readonly Dictionary<(string Schema, string Name), TypeInfo> _typesByName;
    private readonly Dictionary<uint, TypeInfo> _typesByOid;

    private static long s_last;

    internal SchemaSnapshot(
        long version, IReadOnlyList<SchemaInfo> schemas, IReadOnlyList<Relation> relations, IReadOnlyList<TypeInfo> types, Metadata metadata)
    {
        Version = version;
        Schemas = schemas;
        Relations = relations;
        Types = types;
        Dependencies = metadata.Dependencies;
        Descriptions = metadata.Descriptions;
        _schemas = schemas.ToDictionary(s => s.Name, StringComparer.Ordinal);

        // SQLite has one space of names, in which case does not count; so a name that comes twice comes from outside, and the first one has it.
        _relationsByName = relations.DistinctBy(r => (r.Schema, r.Name)).ToDictionary(r => (r.Schema, r.Name));
        _relationsByOid = relations.ToDictionary(r => r.Oid);
        _typesByName = types.DistinctBy(t => (t.Schema, t.Name)).ToDictionary(t => (t.Schema, t.Name));
        _typesByOid = types.ToDictionary(t => t.Oid);
    }

    /// <summary>Tells this snapshot from all others of this process.</summary>
    public long Number { get; } = Interlocked.Increment(ref s_last);

    public long Version { get; }

    /// <summary>The tables of the metadata exist.</summary>
    internal bool HasMetadata { get; init; }

    internal IReadOnlyList<SchemaInfo> Schemas { get; }

    /// <summary>Tables, views, sequences and indexes that are no part of every database, by OID.</summary>
    public IReadOnlyList<Relation> Relations { get; }

    /// <summary>Enums, domains, row types and the arrays of all of them, by OID.</summary>
    internal IReadOnlyList<TypeInfo> Types { get; }

    /// <summary>The dependencies that the metadata has; those that follow from the objects are not among them.</summary>
    internal IReadOnlyList<Dependency> Dependencies { get; }

    internal IReadOnlyDictionary<ObjectAddress, string> Descriptions { get; }

    /// <summary>The rows that tables of the catalogs have made of this snapshot, and dictionaries of them.</summary>
    internal ConcurrentDictionary<(object Table, int Key), object> Made { get; } = new();

    public SchemaInfo? FindSchema(string name) => _schemas.GetValueOrDefault(name);

    public Relation? FindRelation(string schema, string name) =>
        _relationsByName.GetValueOrDefault((schema, name)) ?? SystemCatalog.FindRelation(schema, name);

    public Relation? FindRelation(uint oid) => _relationsByOid.GetValueOrDefault(oid) ?? SystemCatalog.FindRelation(oid);

    public TypeInfo? FindType(string schema, string name) => _typesByName.GetValueOrDefault((schema, name)) ?? SystemCatalog.FindType(schema, name);

    public TypeInfo? FindType(uint oid) => _typesByOid.GetValueOrDefault(oid) ?? SystemCatalog.FindType(oid);
}
