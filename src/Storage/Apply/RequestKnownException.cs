namespace Rqlite.Pg.Storage;

/// <summary>A transaction cannot begin under its name: in the state that it would stand on, another request has the name.</summary>
/// <param name="index">The last entry of that state, which is perhaps not committed yet.</param>
public sealed class RequestKnownException(bool isTransaction, long index) : Exception("Something has the name of the transaction.")
{
    /// <summary>A transaction has the name, so this one is its repetition.</summary>
    public bool IsTransaction { get; } = isTransaction;

    public long Index { get; } = index;
}
