namespace Rqlite.Pg.Cluster;

/// <summary>The log on disk is not as it was written; nothing may be taken from it.</summary>
/// <param name="index">The damaged entry, if one was found at the start.</param>
internal sealed class LogDamageException(string message, long? index = null) : Exception(message)
{
    public long? Index => index;
}
