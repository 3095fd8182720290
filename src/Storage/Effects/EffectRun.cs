using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>What functions with effects work on: the writer's connection, its digest, and the transaction at hand.</summary>
internal sealed unsafe class EffectRun(Connection connection, EntryState* state)
{
    public Connection Connection => connection;

    /// <summary>What the transaction that runs has done so far.</summary>
    public TransactionEffects Current { get; set; } = new(null);

    /// <summary>The entry's time.</summary>
    public long UnixMilliseconds => state->UnixMilliseconds;

    /// <summary>Makes an effect part of what replicas compare.</summary>
    public void AddToDigest(ulong value) => state->Digest.Add(value);

    public void AddToDigest(string text) => state->Digest.Add(Encoding.UTF8.GetBytes(text));
}
