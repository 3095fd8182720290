namespace Rqlite.Pg.Storage;

/// <content>The schema that statements on the writer see, which may hold changes that are not committed.</content>
public sealed unsafe partial class Writer
{
    private (long Version, long Definitions, long Number) _stamp;
    private bool _defining;

    private void BeginDefinition(bool defines)
    {
        _defining = defines;
        Connection.SchemaChanged |= defines;
    }

    private void EndDefinition(bool defined)
    {
        _defining = false;
        Connection.SchemaChanged |= defined;
        _definitions += defined ? 1 : 0;
    }

    /// <summary>See <see cref="IConnectionSql.SchemaStamp"/>.</summary>
    private long StampOf(long version)
    {
        if (_defining)
        {
            // The schema is in between.
            return SchemaStamps.Next();
        }

        if (!Connection.SchemaChanged)
        {
            return _stamps.Of(Path, version);
        }

        // A rollback gives the version to another schema, and counts as a definition.
        if ((_stamp.Version, _stamp.Definitions) != (version, _definitions))
        {
            _stamp = (version, _definitions, SchemaStamps.Next());
        }

        return _stamp.Number;
    }
}
