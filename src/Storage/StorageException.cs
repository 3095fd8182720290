namespace Rqlite.Pg.Storage;

/// <summary>A failure of this node's storage, with SQLite's result code; never a statement's own fault.</summary>
public sealed class StorageException(int resultCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int ResultCode { get; } = resultCode;
}
