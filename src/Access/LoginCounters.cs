namespace Rqlite.Pg.Access;

/// <summary>Counts of a node's logins since it started.</summary>
public sealed class LoginCounters
{
    private long _ok;
    private long _failed;
    private long _denied;
    private long _reloads;
    private long _badReloads;

    /// <summary>Logins with a right password that was not remembered.</summary>
    public long Ok => Interlocked.Read(ref _ok);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Requests and statements for which a permission was missing.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    public long Reloads => Interlocked.Read(ref _reloads);

    /// <summary>Changes of the file that could not be used.</summary>
    public long BadReloads => Interlocked.Read(ref _badReloads);

    public void CountDenied() => Interlocked.Increment(ref _denied);

    internal void CountOk() => Interlocked.Increment(ref _ok);

    internal void CountFailed() => Interlocked.Increment(ref _failed);

    internal void CountReload() => Interlocked.Increment(ref _reloads);

    internal void CountBadReload() => Interlocked.Increment(ref _badReloads);
}
