namespace Rqlite.Pg.Storage;

/// <summary>Where the database lies and what it may use. Members marked "replicated" decide results: every node must have the same.</summary>
public sealed record StorageOptions
{
    public required string Directory { get; init; }

    /// <summary>The functions and tables with which statements ask this node (names and answers on the writer are replicated).</summary>
    public NodeSql Node { get; init; } = NodeSql.None;

    /// <summary>The functions of the dialect that statements are translated from (replicated).</summary>
    public SqlExtensions Sql { get; init; } = SqlExtensions.None;

    /// <summary>
    /// Files of SQLite's loadable extensions, for every connection; made available when the first one is opened (replicated: the same files).
    /// </summary>
    public Lazy<IReadOnlyList<string>> LoadableExtensions { get; init; } = new([]);

    public int ReadersMax { get; init; } = 64;

    /// <summary>Readers kept open while nobody uses them.</summary>
    public int ReadersIdleMax { get; init; } = 8;

    /// <summary>The longest a read may take, also while it is prepared, whatever its client allows; null for no limit.</summary>
    public TimeSpan? ReadTimeout { get; init; }

    /// <summary>The longest wait for a reader when all are in use.</summary>
    public TimeSpan ReaderWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When readers are scarce, one whose client has not asked for more rows for this long is taken back.</summary>
    public TimeSpan StalledReaderTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When readers are scarce and none is stalled, the oldest of those that have been out for this long is taken back.</summary>
    public TimeSpan LongReaderTime { get; init; } = TimeSpan.FromSeconds(2);

    public long WalLimitBytes { get; init; } = 16 << 20;

    /// <summary>The oldest reader is ended when the write-ahead log grows beyond this and half the size of the database.</summary>
    public long WalHardLimitBytes { get; init; } = 1L << 30;

    /// <summary>Runs <c>quick_check</c> on a received copy before it is installed; it reads the whole database.</summary>
    public bool QuickCheckCopies { get; init; }

    /// <summary>Virtual machine instructions a read may use on the caller's thread before it moves to a worker; one is about 10 ns.</summary>
    public int InlineInstructionBudget { get; init; } = 20_000;

    /// <summary>The longest value, row and statement text (replicated).</summary>
    public long ValueBytesMax { get; init; } = 64 << 20;

    /// <summary>The most bytes of rows that a write may return (replicated).</summary>
    public long ResultBytesMax { get; init; } = 64 << 20;

    public int StatementCacheMax { get; init; } = 256;

    /// <summary>The most memory that SQLite may take for one statement of a write that is run before it is proposed, its page cache included.</summary>
    public long WriteMemoryMax { get; init; } = 512 << 20;

    /// <summary>The most memory that SQLite may take for one statement that reads.</summary>
    public long ReadMemoryMax { get; init; } = 256 << 20;

    /// <summary>The most memory that SQLite may take for all statements that read together.</summary>
    public long ReadersMemoryMax { get; init; } = 1L << 30;

    /// <summary>
    /// The most that SQLite's temporary files may take, of all statements that read or are run before they are proposed; fewer if the disk has
    /// less room than twice <see cref="DiskReserveBytes"/>.
    /// </summary>
    public long TemporaryBytesMax { get; init; } = 4L << 30;

    /// <summary>A write that is run before it is proposed is undone once the disk has less room than this: the log needs it.</summary>
    public long DiskReserveBytes { get; init; } = 64 << 20;

    /// <summary>SQLite's page cache of the writer; readers read through the memory map.</summary>
    public long WriterCacheBytes { get; init; } = 16 << 20;

    /// <summary>The most bytes of the database file that readers map into memory; 0 turns it off.</summary>
    public long MemoryMapBytes { get; init; } = 1L << 40;

    /// <exception cref="ArgumentException">A member is out of its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Directory);
        Check(ReadersMax is >= 1 and <= 1024, nameof(ReadersMax));
        Check(ReadersIdleMax >= 0 && ReadersIdleMax <= ReadersMax, nameof(ReadersIdleMax));
        Check(ReaderWait > TimeSpan.Zero, nameof(ReaderWait));
        Check(StalledReaderTime >= TimeSpan.Zero, nameof(StalledReaderTime));
        Check(LongReaderTime >= TimeSpan.Zero, nameof(LongReaderTime));
        Check(WalLimitBytes >= 64 << 10, nameof(WalLimitBytes));
        Check(WalHardLimitBytes >= WalLimitBytes, nameof(WalHardLimitBytes));
        Check(InlineInstructionBudget >= 1000, nameof(InlineInstructionBudget));
        Check(ValueBytesMax is >= 1 << 20 and <= 1_000_000_000, nameof(ValueBytesMax));
        Check(ResultBytesMax is >= 1 << 20 and <= 1_000_000_000, nameof(ResultBytesMax));
        Check(StatementCacheMax is >= 1 and <= 100_000, nameof(StatementCacheMax));
        Check(WriterCacheBytes is >= 64 << 10 and <= 1L << 40, nameof(WriterCacheBytes));
        Check(WriteMemoryMax >= WriterCacheBytes + (4 << 20), nameof(WriteMemoryMax));
        Check(TemporaryBytesMax >= 1 << 20, nameof(TemporaryBytesMax));
        Check(ReadMemoryMax >= 8 << 20, nameof(ReadMemoryMax));
        Check(ReadersMemoryMax >= ReadMemoryMax, nameof(ReadersMemoryMax));
        Check(DiskReserveBytes >= 0, nameof(DiskReserveBytes));
        Check(MemoryMapBytes >= 0, nameof(MemoryMapBytes));
    }

    private static void Check(bool holds, string member)
    {
        if (!holds)
        {
            throw new ArgumentException($"{member} is out of range.", member);
        }
    }
}
