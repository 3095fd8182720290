namespace Rqlite.Pg.Storage;

/// <summary>A transaction cannot begin, since the schema has another version than the one that its statements were made for.</summary>
/// <param name="index">The entry on whose state the transaction would stand.</param>
public sealed class SchemaMovedException(long index) : Exception("The schema has changed.")
{
    public long Index { get; } = index;
}
