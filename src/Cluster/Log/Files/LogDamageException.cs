namespace Rqlite.Pg.Cluster;

/// <summary>The log on disk is not what was written; nothing may be taken from it.</summary>
/// <param name="index">The damaged entry, if it is one that was found at the start.</param>
internal sealed class LogDamageException(string message, long? index = null) : Exception(message)
{
    public long? Index => index;
}
