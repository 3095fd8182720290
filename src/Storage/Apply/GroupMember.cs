namespace Rqlite.Pg.Storage;

/// <summary>
/// A transaction or a batch of commands that is run ahead of its entry on the writer. Sealed members lie one on the other in one SQLite
/// transaction, in the order of their entries in the log.
/// </summary>
public abstract class GroupMember
{
    private volatile RehearsalState _state;

    private protected GroupMember(long unixMicroseconds, ulong seed)
    {
        UnixMicroseconds = unixMicroseconds;
        Seed = seed;
    }

    public RehearsalState State
    {
        get => _state;
        internal set => _state = value;
    }

    /// <summary>The time of the member's entry.</summary>
    public long UnixMicroseconds { get; }

    public ulong Seed { get; }

    /// <summary>The entry on whose state the member runs: the last one applied, or that of the member of the group beneath it.</summary>
    public long BaseIndex { get; internal set; }

    /// <summary>The quorum has committed the member's entry; it may still wait for the SQLite transaction of its group.</summary>
    public bool Agreed { get; internal set; }

    /// <summary>Called with the entry's index once its effects can be read, on the thread that committed them, so it must be short.</summary>
    public Action<long>? Committed { get; set; }

    internal long BaseTerm { get; set; }

    /// <summary>The member stands on others of a group, so a savepoint of its own lies beneath it.</summary>
    internal bool OnGroup { get; set; }

    /// <summary>The index of the member's entry in the log; 0 while it is not known.</summary>
    internal long EntryIndex { get; set; }

    internal long EntryTerm { get; set; }

    /// <summary>The digest that the member's entry carries.</summary>
    internal abstract ulong EntryDigest { get; }

    internal long UnixMilliseconds => UnixMicroseconds / 1000;

    internal EntryStamp Stamp => new(EntryIndex, EntryTerm, UnixMicroseconds, Seed);
}
