namespace Rqlite.Pg.Cluster;

/// <summary>The log on disk is not what was written; nothing may be taken from it.</summary>
internal sealed class LogDamageException(string message) : Exception(message);
