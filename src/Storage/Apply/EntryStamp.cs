namespace Rqlite.Pg.Storage;

/// <summary>All that a replica may know of the outside world while it applies an entry.</summary>
/// <param name="UnixMicroseconds">The entry's time: what SQLite's "now" answers in it, except in a transaction with a time of its own.</param>
/// <param name="Seed">The seed of <c>random()</c> and <c>randomblob()</c> in the entry.</param>
public readonly record struct EntryStamp(long Index, long Term, long UnixMicroseconds, ulong Seed)
{
    /// <summary>The time as far as the tables of ours and the chained digest hold it; entries of earlier versions have no more.</summary>
    public long UnixMilliseconds => UnixMicroseconds / 1000;
}

/// <summary>A batch within an entry. With a <paramref name="RequestId"/> its first result is kept for a while and returned again.</summary>
public sealed record ApplyCommand(RequestId RequestId, StatementBatch Batch)
{
    /// <summary>For a command of an entry that an earlier version has written, see <see cref="Statement.WithFormerRights"/>.</summary>
    public ApplyCommand WithFormerRights() => this with { Batch = Batch with { Statements = [.. Batch.Statements.Select(s => s.WithFormerRights())] } };
}

/// <summary>The answer to a command.</summary>
public sealed class CommandResult(ReadOnlyMemory<byte> encoded, long index, bool duplicate, bool keyReused = false)
{
    /// <summary>The <see cref="Index"/> of a request that was a transaction: the index of its entry is not kept.</summary>
    public const long NoEntry = -1;

    /// <summary>
    /// The results of all statements in order, in <see cref="RowEncoding"/>; empty if they were too large to be kept for a repetition.
    /// </summary>
    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    /// <summary>The entry that ran the command first; 0 while it is not known, and if the command is in no entry.</summary>
    public long Index { get; internal set; } = index;

    /// <summary>The command had run before and was not run again.</summary>
    public bool Duplicate { get; } = duplicate;

    /// <summary>The command was not run: its key was given to another request before.</summary>
    public bool KeyReused { get; } = keyReused;

    /// <summary>
    /// The command was not run: the schema has another version than the one that its statements were made for. Every replica says the same; under
    /// the command's name nothing is kept.
    /// </summary>
    public bool SchemaMoved { get; init; }
}
