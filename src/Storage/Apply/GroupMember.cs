namespace Rqlite.Pg.Storage;

/// <summary>
/// What is run ahead of its entry on the writer: a transaction or a batch of commands. Sealed members lie one on the other in one SQLite
/// transaction, in the order of their entries in the log.
/// </summary>
public abstract class GroupMember
{
    private volatile RehearsalState _state;

    private protected GroupMember(long unixMilliseconds, ulong seed)
    {
        UnixMilliseconds = unixMilliseconds;
        Seed = seed;
    }

    public RehearsalState State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>Its entry's time.</summary>
    public long UnixMilliseconds { get; }

    public ulong Seed { get; }

    /// <summary>The entry on whose state it runs: the last one applied, or that of the member of the group beneath it.</summary>
    public long BaseIndex { get; internal set; }

    /// <summary>Its entry has been committed by the quorum; it may still wait for the SQLite transaction of its group.</summary>
    public bool Agreed { get; internal set; }

    /// <summary>Called with the entry's index once its effects can be read; by whichever thread made them so, so it must be short.</summary>
    public Action<long>? Committed { get; set; }

    internal long BaseTerm { get; set; }

    /// <summary>It stands on members of a group, so a savepoint of its own lies beneath it.</summary>
    internal bool OnGroup { get; set; }

    /// <summary>Where its entry stands in the log; 0 if that is not known yet.</summary>
    internal long EntryIndex { get; set; }

    internal long EntryTerm { get; set; }

    /// <summary>The digest that its entry carries.</summary>
    internal abstract ulong EntryDigest { get; }

    internal EntryStamp Stamp => new(EntryIndex, EntryTerm, UnixMilliseconds, Seed);
}
