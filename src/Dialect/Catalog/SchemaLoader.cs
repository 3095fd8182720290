namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>Loads the schema of a database from what SQLite says of it and from the metadata.</summary>
public static class SchemaLoader
{
    public static SchemaSnapshot Load(ISchemaReader reader)
    {
        var physical = PhysicalSchema.Read(reader);
        var metadata = physical.Own.Contains(MetadataSchema.Marker) ? Metadata.Read(reader) : null;
        var sequences = new List<string>();
        if (physical.Own.Contains("_rqlite_sequences"))
        {
            reader.Read("SELECT name FROM _rqlite_sequences ORDER BY name", 1, row => sequences.Add(row.Name(0)));
        }

        return new SnapshotBuilder(physical, metadata, sequences).Build(reader.Version);
    }
}
