namespace Rqlite.Pg.Storage;

/// <summary>
/// Rows of one statement, pulled by their consumer. As with a channel's reader, one await serves many rows:
/// <code>while (await rows.WaitToReadAsync(token)) while (rows.TryRead()) Write(rows);</code>
/// <see cref="TryRead"/> may answer false although rows remain, for example to let a long statement leave a socket's thread;
/// only <see cref="WaitToReadAsync"/> says that the rows have ended.
/// </summary>
public abstract class RowCursor : IAsyncDisposable
{
    /// <summary>The columns. For a live statement read them again after the first wait: SQLite may have prepared the statement again.</summary>
    public abstract RowSchema Schema { get; }

    /// <summary>Waits for rows; false at the end, after which <see cref="Outcome"/> is valid.</summary>
    public abstract ValueTask<bool> WaitToReadAsync(CancellationToken token);

    /// <summary>Moves to the next row if one is at hand.</summary>
    public abstract bool TryRead();

    /// <summary>A column of the current row, valid until the next <see cref="TryRead"/> or await.</summary>
    public abstract SqliteValue this[int ordinal] { get; }

    public abstract StatementOutcome Outcome { get; }

    /// <summary>
    /// For rows from another node or from the log: they show no effects of an entry after this one. 0 for rows of this node's readers.
    /// </summary>
    public virtual long SeenIndex => 0;

    /// <summary>True while rows that are still to come keep a reader, or a connection to another node, in use.</summary>
    public virtual bool HoldsReader => false;

    public abstract ValueTask DisposeAsync();
}
