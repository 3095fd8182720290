namespace Rqlite.Pg.Storage;

/// <summary>No reader has come free in time. Nothing was run.</summary>
/// <param name="timedOut">The caller's own limit was the shorter one.</param>
public sealed class ReadersBusyException(string message, bool timedOut) : Exception(message)
{
    public bool TimedOut { get; } = timedOut;
}
