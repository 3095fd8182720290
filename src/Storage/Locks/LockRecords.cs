namespace Rqlite.Pg.Storage;

/// <summary>The effects of a statement on the advisory locks of its session.</summary>
/// <param name="OfSession">The number of locks that the session holds until it gives them back or ends.</param>
/// <param name="OfTransaction">The number of locks that the session holds until its transaction ends.</param>
/// <param name="LastTicket">An upper bound of the tickets that the session holds or waits for.</param>
/// <param name="Waiting">The tickets that must become locks before the statement is answered.</param>
/// <param name="Warnings">Warnings for the client.</param>
public sealed record LockEffects(
    int OfSession, int OfTransaction, long LastTicket, IReadOnlyList<long> Waiting, IReadOnlyList<string> Warnings);

/// <summary>A ticket that was waited for and is a lock now.</summary>
public readonly record struct LockGrant(Guid Node, long Session, long Ticket);

/// <summary>A lock, or the wait for one.</summary>
public readonly record struct LockRow(long Ticket, Guid Node, long Session, bool Granted);

/// <summary>The object of a lock: a number, or a pair of numbers; the two kinds never conflict.</summary>
internal readonly record struct LockKey(int Space, long Key)
{
    public static LockKey Of(long key) => new(1, key);

    public static LockKey Of(int first, int second) => new(2, ((long)first << 32) | (uint)second);
}

internal enum LockMode
{
    Shared = 1,
    Exclusive = 2,
}

/// <summary>How long a lock is held. The values are part of the database.</summary>
internal enum LockLevel
{
    Session = 0,
    Transaction = 1,
}

/// <summary>The owner of a lock.</summary>
internal readonly record struct LockOwner(Guid Node, long Session);
