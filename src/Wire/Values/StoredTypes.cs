using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Wire.Values;

/// <summary>The types of values that have no other source of a type than the way in which they are stored.</summary>
internal static class StoredTypes
{
    public static PgType Of(StorageClass storageClass) => new(storageClass switch
    {
        StorageClass.Integer => PgTypes.Int8,
        StorageClass.Real => PgTypes.Float8,
        StorageClass.Blob => PgTypes.Bytea,
        _ => PgTypes.Text,
    });
}
