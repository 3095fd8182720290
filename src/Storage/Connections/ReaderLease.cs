namespace Rqlite.Pg.Storage;

/// <summary>A rented reader. Used by one thread at a time; several cursors may be open on it, stepped in turn.</summary>
public sealed class ReaderLease : IDisposable
{
    private readonly ReaderPool _pool;
    private Reader? _reader;
    private int _cursors;
    private bool _pinned;
    private long _pinnedSeen;
    private bool _disposed;

    internal ReaderLease(ReaderPool pool, Reader reader)
    {
        _pool = pool;
        _reader = reader;
    }

    /// <summary>What its statements see as now, in ms since 1970; null for the time at which each begins.</summary>
    public long? UnixMilliseconds { get; set; }

    internal Reader Reader => _reader ?? throw new ObjectDisposedException(nameof(ReaderLease));

    /// <summary>Looks at the first statement of a text without running it.</summary>
    public StatementShape Describe(ReadOnlySpan<byte> sql, BatchOptions options)
    {
        if (SqlText.IsBlank(sql))
        {
            return new StatementShape(null, true, false, true, [], RowSchema.Empty, sql.Length);
        }

        var reader = Ready(options);
        try
        {
            return Describe(reader, sql, options);
        }
        finally
        {
            Finished();
        }
    }

    private static StatementShape Describe(Reader reader, ReadOnlySpan<byte> sql, BatchOptions options)
    {
        var definitions = reader.LookAtSchema();
        var handle = reader.Cache.Rent(sql, options, 0, out var error);
        if (handle is { Node: not null } && handle.Definitions != definitions)
        {
            reader.Cache.Remove(handle);
            handle = reader.Cache.Rent(sql, options, 0, out error);
        }

        if (handle is null)
        {
            return new StatementShape(error, error is null, false, error is null, [], RowSchema.Empty, sql.Length);
        }

        handle.Definitions = definitions;
        try
        {
            return new StatementShape(
                null, handle.ReadOnly, handle.Explain, false, ParameterPlan.Names(handle.Handle), handle.Schema(), handle.TailOffset)
            {
                Effects = handle.Effects,
                NodeUse = handle.NodeUse,
                Sources = handle.Sources,
            };
        }
        finally
        {
            reader.Cache.Return(handle);
        }
    }

    /// <summary>
    /// Runs a statement that only reads; a write ends in an error of the statement. Of several statements in a text only the last is run.
    /// </summary>
    /// <param name="timeout">The longest it may run, counted from now; null for no limit.</param>
    /// <param name="ownsLease">Disposing the cursor gives the lease back.</param>
    public RowCursor Run(Statement statement, BatchOptions options, TimeSpan? timeout, bool ownsLease, CancellationToken token)
    {
        var reader = Ready(options);
        _cursors++;
        try
        {
            return new StatementCursor(this, reader, statement, options, timeout, ownsLease, token);
        }
        catch
        {
            CursorClosed(ownsLease);
            throw;
        }
    }

    /// <summary>All following statements on this lease see one snapshot, taken now, and one time.</summary>
    public void BeginSnapshot()
    {
        var reader = Ready(BatchOptions.None);
        try
        {
            reader.Touch();
            UnixMilliseconds ??= DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            _pinned = true;
            _pinnedSeen = reader.Seen;
        }
        finally
        {
            Finished();
        }
    }

    /// <summary>Why nothing more can be read of the present snapshot, or null.</summary>
    internal string? EndedBecause => _pinned ? Reader.WhyEnded(_pinnedSeen) : Reader.EndedBecause;

    private Reader Ready(BatchOptions options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var reader = Reader;
        if (_cursors == 0)
        {
            reader.Claim();
        }

        try
        {
            // The count is read before the snapshot is taken: a commit in between costs a needless renewal, never a stale read.
            // With a cursor open the transaction cannot end, and its snapshot stays.
            if (!_pinned && _cursors == 0)
            {
                reader.Refresh(_pool.Committed);
            }

            reader.Connection.Apply(options & ~BatchOptions.ForeignKeys);
            return reader;
        }
        catch
        {
            Finished();
            throw;
        }
    }

    private void Finished()
    {
        if (_cursors == 0)
        {
            if (Reader.Doomed)
            {
                Reader.Release();
            }

            Reader.Unclaim();
        }
    }

    internal void CursorClosed(bool ownsLease)
    {
        _cursors--;
        Finished();
        if (ownsLease || _disposed)
        {
            Dispose();
        }
    }

    /// <summary>Gives the reader back, once the last of its cursors is disposed.</summary>
    public void Dispose()
    {
        _disposed = true;
        if (_cursors == 0 && Interlocked.Exchange(ref _reader, null) is { } reader)
        {
            _pool.Return(reader);
        }
    }
}
