namespace Rqlite.Pg.Storage;

/// <summary>
/// A rented reader. Used by one caller at a time; several cursors may be open on it, read in turn. While no rows are being made nobody uses the
/// reader, and the pool may take it back for others: later calls on the lease end with an error that says so.
/// </summary>
public sealed class ReaderLease : IDisposable
{
    private readonly ReaderPool _pool;
    private readonly Lock _gate = new();
    private readonly List<StatementCursor> _open = [];
    private Reader? _reader;
    private StatementError? _reason;
    private int _inUse;
    private long _idleSince;
    private bool _pinned;
    private bool _kept;
    private bool _disposed;

    internal ReaderLease(ReaderPool pool, Reader reader)
    {
        _pool = pool;
        _reader = reader;
        Since = _idleSince = Environment.TickCount64;
        reader.Lease = this;
    }

    /// <summary>The time that statements see as now, in µs since 1970; null for the time at which each begins.</summary>
    public long? UnixMicroseconds { get; set; }

    /// <summary>The session whose statements are run, for those that ask for it.</summary>
    public CallerSession? Caller { get; set; }

    /// <summary>The schema that the statements were made for; 0 for any.</summary>
    internal long SchemaVersion { get; private set; }

    /// <summary>The error of a statement that meets another version of the schema than the expected one.</summary>
    internal Func<Exception>? SchemaMoved { get; private set; }

    /// <summary>The version of the schema in the lease's snapshot.</summary>
    public long SnapshotVersion { get; private set; }

    /// <summary>When the reader was rented, by <see cref="Environment.TickCount64"/>.</summary>
    internal long Since { get; }

    /// <summary>Since when no rows have been made, by <see cref="Environment.TickCount64"/>; null while rows are made. From any thread.</summary>
    internal long? IdleSince
    {
        get
        {
            lock (_gate)
            {
                return _inUse == 0 ? _idleSince : null;
            }
        }
    }

    /// <summary>Why no more rows can be read through this lease, or null. From any thread.</summary>
    internal StatementError? Ended => Volatile.Read(ref _reason);

    /// <summary>Describes the first statement of a text without running it.</summary>
    /// <param name="timeout">The longest time for the description, counted from now; null for no limit.</param>
    public async ValueTask<StatementShape> DescribeAsync(
        ReadOnlyMemory<byte> sql, BatchOptions options, TimeSpan? timeout, CancellationToken token)
    {
        if (SqlText.IsBlank(sql.Span))
        {
            return StatementShape.None(sql.Length);
        }

        var cursor = new StatementCursor(
            this, new Statement(sql, default), options, _pool.LimitOf(timeout), describes: true, ownsLease: false, token);
        await using (cursor.ConfigureAwait(false))
        {
            _ = await cursor.WaitToReadAsync(token).ConfigureAwait(false);
            token.ThrowIfCancellationRequested();
            return cursor.Shape;
        }
    }

    /// <summary>
    /// Runs a statement that only reads; a write gives an error of the statement. Of several statements in a text only the last is run.
    /// </summary>
    /// <param name="timeout">The longest time for the statement, counted from now; null for no limit.</param>
    /// <param name="ownsLease">The lease is disposed when the last row was made or the cursor is disposed.</param>
    public RowCursor Run(Statement statement, BatchOptions options, TimeSpan? timeout, bool ownsLease, CancellationToken token)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new StatementCursor(this, statement, options, _pool.LimitOf(timeout), describes: false, ownsLease, token);
    }

    /// <summary>Sets the version of the schema that following statements were made for.</summary>
    /// <param name="version">SQLite's schema cookie; 0 for any.</param>
    /// <param name="moved">The exception with which the first wait for rows ends if the schema has another version.</param>
    public void Expect(long version, Func<Exception> moved) => (SchemaVersion, SchemaMoved) = (version, moved);

    /// <summary>Lets all following statements on this lease see one snapshot, taken now, and one time.</summary>
    public void BeginSnapshot()
    {
        if (!TryEnter(null, BatchOptions.None, out var reader, out var reason))
        {
            throw new StorageException(reason!.ResultCode, reason.Message);
        }

        try
        {
            reader.Touch();
            SnapshotVersion = reader.SchemaVersion;
            UnixMicroseconds ??= StatementContext.Now;
            _pinned = true;
        }
        finally
        {
            Leave(null, ended: true, dispose: false);
        }
    }

    /// <summary>Lets the caller read on the connection, in one snapshot.</summary>
    /// <exception cref="StorageException">The reader was taken back, or a read has failed.</exception>
    public T Inspect<T>(Func<IConnectionSql, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        if (!TryEnter(null, BatchOptions.None, out var reader, out var reason))
        {
            throw new StorageException(reason!.ResultCode, reason.Message);
        }

        try
        {
            _ = reader.LookAtSchema();
            return read(reader.Connection.Sql);
        }
        finally
        {
            Leave(null, ended: true, dispose: false);
        }
    }

    /// <summary>The reader, for statements of ours: until the lease is disposed the pool does not take it back.</summary>
    internal Reader Keep()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_reader is null, this);
            _kept = true;
            _inUse++;
            return _reader;
        }
    }

    /// <summary>Gives the caller exclusive use of the reader until <see cref="Leave"/>.</summary>
    /// <param name="cursor">The cursor whose statement is or will be open; null for a use without a cursor.</param>
    internal bool TryEnter(StatementCursor? cursor, BatchOptions options, out Reader reader, out StatementError? reason)
    {
        lock (_gate)
        {
            reason = Ended;
            if (reason is not null)
            {
                reader = null!;
                return false;
            }

            reader = _reader ?? throw new ObjectDisposedException(nameof(ReaderLease));
            if (cursor is null || !_open.Contains(cursor))
            {
                Open(reader, cursor, options);
            }

            _inUse++;
            return true;
        }
    }

    private void Open(Reader reader, StatementCursor? cursor, BatchOptions options)
    {
        if (_open.Count == 0)
        {
            reader.Claim();
        }

        try
        {
            // The count is read before the snapshot is taken: a commit in between costs a needless renewal, never a stale read.
            // With a cursor open the transaction cannot end, and its snapshot stays.
            if (!_pinned && _open.Count == 0)
            {
                reader.Refresh(_pool.Committed);
            }

            reader.Connection.Apply(options & ~BatchOptions.ForeignKeys);
        }
        catch
        {
            Unclaim(reader);
            throw;
        }

        if (cursor is not null)
        {
            _open.Add(cursor);
        }
    }

    /// <summary>Ends the caller's use of the reader for now.</summary>
    /// <param name="ended">The cursor has no statement open any more.</param>
    internal void Leave(StatementCursor? cursor, bool ended, bool dispose)
    {
        Reader? freed;
        lock (_gate)
        {
            _inUse--;
            _idleSince = Environment.TickCount64;
            if (ended)
            {
                if (cursor is not null)
                {
                    _open.Remove(cursor);
                }

                Unclaim(_reader!);
            }

            _disposed |= dispose;
            freed = TakeIfFree();
        }

        GiveBack(freed);
    }

    /// <summary>Closes a cursor that has not come to its end.</summary>
    internal void Close(StatementCursor cursor, bool dispose)
    {
        Reader? freed;
        lock (_gate)
        {
            if (_open.Remove(cursor))
            {
                cursor.GiveBackStatement();
                Unclaim(_reader!);
            }

            _disposed |= dispose;
            freed = TakeIfFree();
        }

        GiveBack(freed);
    }

    /// <summary>Takes the reader away: now, or at the next look of the statement that runs on it. From any thread.</summary>
    internal void Terminate(StatementError reason)
    {
        Reader? freed;
        lock (_gate)
        {
            if (_reader is null || _reason is not null)
            {
                return;
            }

            Volatile.Write(ref _reason, reason);
            freed = TakeIfFree();
        }

        GiveBack(freed);
    }

    private void Unclaim(Reader reader)
    {
        if (_open.Count == 0)
        {
            reader.Unclaim();
        }
    }

    /// <summary>Returns the reader if this lease does not use it any more, else null.</summary>
    private Reader? TakeIfFree()
    {
        if (_inUse > 0 || (_reason is null && !(_disposed && _open.Count == 0)))
        {
            return null;
        }

        var reader = _reader;
        _reader = null;
        if (_open.Count > 0)
        {
            foreach (var cursor in _open)
            {
                cursor.GiveBackStatement();
            }

            _open.Clear();
            Unclaim(reader!);
        }

        return reader;
    }

    private void GiveBack(Reader? reader)
    {
        if (reader is not null)
        {
            reader.Lease = null;
            _pool.Return(reader);
        }
    }

    /// <summary>Gives the reader back, once the last of its cursors is disposed.</summary>
    public void Dispose()
    {
        Reader? freed;
        lock (_gate)
        {
            _disposed = true;
            if (_kept)
            {
                _kept = false;
                _inUse--;
            }

            freed = TakeIfFree();
        }

        GiveBack(freed);
    }
}
