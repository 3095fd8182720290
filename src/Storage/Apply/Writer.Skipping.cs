namespace Rqlite.Pg.Storage;

/// <content>Ways past an entry that takes too long or cannot be applied.</content>
public sealed unsafe partial class Writer
{
    // Keeps the digests of skipped entries apart from those of others.
    private const ulong SkippedDigest = 0x736B6970706564;

    private volatile bool _stopping;

    // The running statement belongs to an entry that is applied, and may be ended when the node stops. Under _interruptLock.
    private bool _replays;

    /// <summary>
    /// Ends the running statement: one that runs ahead of its entry is undone, and so is an entry that is being applied
    /// (<see cref="ApplyStoppedException"/>). From here on no statement is begun.
    /// </summary>
    public void Stop()
    {
        _stopping = true;
        lock (_interruptLock)
        {
            if (_interruptible || _replays)
            {
                _interrupted = true;
                Native.sqlite3_interrupt(Connection.Handle);
            }
        }
    }

    /// <summary>
    /// Passes over an entry because the operator says so. The entry's link in the chain of digests marks it as skipped, so that a node that has
    /// applied the entry does not pass for a replica of one that has not, and a row of <c>_rqlite_skipped</c> records it.
    /// </summary>
    /// <param name="checksum">The checksum of the entry's bytes.</param>
    /// <exception cref="StorageException">This node cannot go on.</exception>
    public void Skip(in EntryStamp stamp, ulong checksum)
    {
        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            var position = Next(_position, stamp with { UnixMicroseconds = _position.Time * 1000 }, SkippedDigest ^ checksum);
            _transaction!.Begin();
            try
            {
                _state->Own = 1;
                Connection.Execute("CREATE TABLE IF NOT EXISTS _rqlite_skipped(idx INTEGER PRIMARY KEY, checksum TEXT NOT NULL)");
                Connection.Execute($"INSERT INTO _rqlite_skipped VALUES({stamp.Index}, '{checksum:x16}')");
                _state->Own = 0;
                Commit(position);
            }
            catch
            {
                _transaction.RollbackQuietly();
                throw;
            }

            _position = position;
            _definitions++;
            _committed(_position);
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Begins a statement of an entry that is applied.</summary>
    private void BeginReplayed()
    {
        lock (_interruptLock)
        {
            _replays = true;
        }

        // After _replays is set: either Stop sees it, or this line sees that Stop was called.
        ThrowIfStopping();
    }

    private void EndReplayed()
    {
        lock (_interruptLock)
        {
            _replays = false;
        }
    }

    private void ThrowIfStopping()
    {
        if (_stopping)
        {
            throw new ApplyStoppedException();
        }
    }
}
