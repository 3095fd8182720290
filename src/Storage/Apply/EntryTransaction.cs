namespace Rqlite.Pg.Storage;

/// <summary>The statements of ours around an entry: BEGIN, COMMIT, the entry's position and the table of requests.</summary>
internal sealed unsafe class EntryTransaction : IDisposable
{
    private const int Format = 2;

    private readonly Connection _connection;
    private readonly EntryState* _state;
    private readonly OwnStatement _begin;
    private readonly OwnStatement _commit;
    private readonly OwnStatement _rollback;
    private readonly OwnStatement _savepoint;
    private readonly OwnStatement _release;
    private readonly OwnStatement _rollbackTo;
    private readonly OwnStatement _setMember;
    private readonly OwnStatement _releaseMember;
    private readonly OwnStatement _rollbackToMember;
    private readonly OwnStatement _setWritten;
    private readonly OwnStatement _releaseWritten;
    private readonly OwnStatement _setRows;
    private readonly OwnStatement _releaseRows;
    private readonly OwnStatement _rollbackToRows;
    private readonly OwnStatement _setPosition;
    private readonly RequestTable _requests;
    private (long Names, long Keys) _countsAtBegin;
    private (long Names, long Keys) _countsAtMember;

    public EntryTransaction(Connection connection, EntryState* state)
    {
        _connection = connection;
        _state = state;
        _begin = connection.Prepare("BEGIN IMMEDIATE");
        _commit = connection.Prepare("COMMIT");
        _rollback = connection.Prepare("ROLLBACK");
        _savepoint = connection.Prepare("SAVEPOINT command");
        _release = connection.Prepare("RELEASE command");
        _rollbackTo = connection.Prepare("ROLLBACK TO command");
        _setMember = connection.Prepare("SAVEPOINT member");
        _releaseMember = connection.Prepare("RELEASE member");
        _rollbackToMember = connection.Prepare("ROLLBACK TO member");
        _setWritten = connection.Prepare("SAVEPOINT written");
        _releaseWritten = connection.Prepare("RELEASE written");
        _setRows = connection.Prepare("SAVEPOINT changed");
        _releaseRows = connection.Prepare("RELEASE changed");
        _rollbackToRows = connection.Prepare("ROLLBACK TO changed");
        _setPosition = connection.Prepare("UPDATE _rqlite_meta SET idx=?1, term=?2, time=?3, digest=?4 WHERE id=1");
        _requests = new RequestTable(connection);
        _countsAtBegin = _requests.Counts;
    }

    /// <summary>Creates our tables in an empty database and reads the position.</summary>
    public static AppliedPosition Create(Connection connection)
    {
        if (!HasPosition(connection))
        {
            connection.Execute("BEGIN IMMEDIATE");
            CreateTables(connection);
            connection.Execute("COMMIT");
        }

        return ReadPosition(connection);
    }

    /// <summary>Creates our tables, within a transaction, in a database that has none but perhaps sequences.</summary>
    public static void CreateTables(Connection connection)
    {
        connection.Execute("""
            CREATE TABLE _rqlite_meta(
                id INTEGER PRIMARY KEY CHECK(id=1), format INTEGER NOT NULL, idx INTEGER NOT NULL, term INTEGER NOT NULL,
                time INTEGER NOT NULL, digest INTEGER NOT NULL, base_idx INTEGER NOT NULL, base_term INTEGER NOT NULL)
            """);
        connection.Execute($"INSERT INTO _rqlite_meta VALUES(1, {Format}, 0, 0, 0, 0, 0, 0)");
        RequestTable.Create(connection);
        connection.Execute("CREATE TABLE _rqlite_call(id INTEGER PRIMARY KEY)");
        connection.Execute("INSERT INTO _rqlite_call VALUES(1)");
        if (connection.ScalarInteger($"SELECT count(*) FROM main.sqlite_schema WHERE name='{OwnTables.Sequences}'") == 0)
        {
            SequenceStore.CreateTable(connection);
        }

        LockTable.Create(connection);
    }

    public static bool HasPosition(Connection connection) =>
        connection.ScalarInteger("SELECT count(*) FROM main.sqlite_schema WHERE name='_rqlite_meta'") > 0;

    public static AppliedPosition ReadPosition(Connection connection)
    {
        if (!HasPosition(connection))
        {
            throw new StorageException(ResultCode.Corrupt, "The file is not one of our databases, or is one that has lost its content.");
        }

        using var read = connection.Prepare("SELECT idx, term, time, digest, base_idx, base_term, format FROM _rqlite_meta WHERE id=1");
        if (read.Step() != ResultCode.Row)
        {
            throw new StorageException(ResultCode.Corrupt, "The database has lost its position.");
        }

        if (read.Integer(6) != Format)
        {
            throw new StorageException(ResultCode.Mismatch, read.Integer(6) > Format
                ? $"The database was written by a newer version: it has format {read.Integer(6)}, this version knows formats up to {Format}."
                : $"The database has format {read.Integer(6)}, which this version does not know.");
        }

        return new AppliedPosition(read.Integer(0), read.Integer(1), read.Integer(2), (ulong)read.Integer(3), read.Integer(4), read.Integer(5));
    }

    public void Begin()
    {
        _begin.Run();
        _connection.Began();
        _countsAtBegin = _requests.Counts;
    }

    public void Commit(in AppliedPosition position)
    {
        _state->Own = 1;
        _setPosition.Bind(1, position.Index).Bind(2, position.Term).Bind(3, position.Time).Bind(4, (long)position.Digest).Run();
        _state->Own = 0;
        _commit.Run();
        _connection.Ended();
    }

    public void Rollback()
    {
        _requests.Counts = _countsAtBegin;
        if (!_connection.Autocommit)
        {
            _rollback.Run();
        }

        _connection.RolledBack();
        _connection.Ended();
    }

    /// <summary>Rolls back while another failure propagates, which a failure of the rollback must not hide.</summary>
    public void RollbackQuietly()
    {
        try
        {
            Rollback();
        }
        catch (StorageException)
        {
            // The first failure says more, and the process ends with it.
        }
    }

    /// <summary>Has virtual tables write what they have gathered, as a savepoint does. SQLITE_DONE, or why one could not.</summary>
    public int TryWriteVirtualTables()
    {
        var code = _setWritten.TryRun();
        if (code == ResultCode.Done)
        {
            _releaseWritten.Run();
        }

        return code;
    }

    public void SetSavepoint() => _savepoint.Run();

    public void ReleaseSavepoint() => _release.Run();

    public void RollbackToSavepoint()
    {
        _rollbackTo.Run();
        _release.Run();
        _connection.RolledBack();
    }

    /// <summary>Sets a savepoint beneath the rows that a statement changes.</summary>
    public void SetRowSavepoint() => _setRows.Run();

    public void ReleaseRowSavepoint() => _releaseRows.Run();

    public void RollBackToRowSavepoint()
    {
        _rollbackToRows.Run();
        _releaseRows.Run();
        _connection.RolledBack();
    }

    /// <summary>Begins a member that stands on others: sets a savepoint beneath it.</summary>
    public void SetMember()
    {
        _setMember.Run();
        _countsAtMember = _requests.Counts;
    }

    public void ReleaseMember() => _releaseMember.Run();

    public void RollbackMember()
    {
        _requests.Counts = _countsAtMember;
        _rollbackToMember.Run();
        _releaseMember.Run();
        _connection.RolledBack();
    }

    /// <summary>True if SQLITE_FULL may come from a table with AUTOINCREMENT whose largest rowid was given out, and not from a full disk.</summary>
    public bool SequenceIsUsedUp() =>
        _connection.ScalarInteger("SELECT count(*) FROM sqlite_schema WHERE name='sqlite_sequence'") > 0
        && _connection.ScalarInteger("SELECT count(*) FROM sqlite_sequence WHERE seq >= 9223372036854775807") > 0;

    /// <summary>The kept answer if the request was run before and is remembered, else null.</summary>
    public CommandResult? FindRequest(ApplyCommand command, in EntryStamp stamp) => _requests.Find(command, stamp);

    public void StoreRequest(ApplyCommand command, in EntryStamp stamp, ReadOnlySpan<byte> result)
    {
        _state->Own = 1;
        _requests.Store(command, stamp, result);
        _state->Own = 0;
    }

    /// <summary>Stores the index of the entry in which requests were run.</summary>
    public void PlaceRequests(IReadOnlyList<RequestId> requests, long index)
    {
        _state->Own = 1;
        for (var i = 0; i < requests.Count; i++)
        {
            _requests.Place(requests[i], index);
        }

        _state->Own = 0;
    }

    /// <summary>The number of clients' keys that are remembered.</summary>
    public long KeysCounted => _requests.Counts.Keys;

    /// <summary>Stores the name of the transaction that begins.</summary>
    /// <exception cref="RequestKnownException">The name is taken.</exception>
    public void NameTransaction(RequestId request, long index, long unixMilliseconds)
    {
        _state->Own = 1;
        try
        {
            _requests.StoreTransaction(request, index, unixMilliseconds);
        }
        finally
        {
            _state->Own = 0;
        }
    }

    public void Dispose()
    {
        OwnStatement[] all =
        [
            _begin, _commit, _rollback, _savepoint, _release, _rollbackTo, _setMember, _releaseMember, _rollbackToMember,
            _setWritten, _releaseWritten, _setRows, _releaseRows, _rollbackToRows, _setPosition,
        ];
        foreach (var statement in all)
        {
            statement.Dispose();
        }

        _requests.Dispose();
    }
}
