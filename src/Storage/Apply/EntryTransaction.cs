using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <summary>The statements of ours around an entry: its transaction, its position and the table of requests.</summary>
internal sealed unsafe class EntryTransaction : IDisposable
{
    private const int Format = 1;
    private const int StoredResultBytesMax = 64 << 10;
    private const long RequestsMax = 100_000;

    // So many at a time, since finding the oldest costs more than removing them.
    private const long RequestsTrimmed = 1000;
    private const long RequestLifeMilliseconds = 3_600_000;

    private readonly Connection _connection;
    private readonly EntryState* _state;
    private readonly OwnStatement _begin;
    private readonly OwnStatement _commit;
    private readonly OwnStatement _rollback;
    private readonly OwnStatement _savepoint;
    private readonly OwnStatement _release;
    private readonly OwnStatement _rollbackTo;
    private readonly OwnStatement _setPosition;
    private readonly OwnStatement _findRequest;
    private readonly OwnStatement _storeRequest;
    private readonly OwnStatement _expireRequests;
    private readonly OwnStatement _trimRequests;
    private long _requests;
    private long _requestsAtBegin;

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
        _setPosition = connection.Prepare("UPDATE _rqlite_meta SET idx=?1, term=?2, time=?3, digest=?4 WHERE id=1");
        _findRequest = connection.Prepare("SELECT idx, result FROM _rqlite_requests WHERE id=?1");
        _storeRequest = connection.Prepare("INSERT INTO _rqlite_requests(id, idx, time, result) VALUES(?1, ?2, ?3, ?4)");
        _expireRequests = connection.Prepare("DELETE FROM _rqlite_requests WHERE time < ?1");
        _trimRequests = connection.Prepare(
            "DELETE FROM _rqlite_requests WHERE id IN (SELECT id FROM _rqlite_requests ORDER BY time, id LIMIT ?1)");
        _requests = connection.ScalarInteger("SELECT count(*) FROM _rqlite_requests") ?? 0;
    }

    /// <summary>Creates our tables in an empty database and reads the position.</summary>
    public static AppliedPosition Create(Connection connection)
    {
        if (!HasPosition(connection))
        {
            connection.Execute("BEGIN IMMEDIATE");
            connection.Execute("""
                CREATE TABLE _rqlite_meta(
                    id INTEGER PRIMARY KEY CHECK(id=1), format INTEGER NOT NULL, idx INTEGER NOT NULL, term INTEGER NOT NULL,
                    time INTEGER NOT NULL, digest INTEGER NOT NULL, base_idx INTEGER NOT NULL, base_term INTEGER NOT NULL)
                """);
            connection.Execute($"INSERT INTO _rqlite_meta VALUES(1, {Format}, 0, 0, 0, 0, 0, 0)");
            connection.Execute(
                "CREATE TABLE _rqlite_requests(id BLOB PRIMARY KEY, idx INTEGER NOT NULL, time INTEGER NOT NULL, result BLOB) WITHOUT ROWID");
            connection.Execute("CREATE INDEX _rqlite_requests_time ON _rqlite_requests(time)");
            connection.Execute("COMMIT");
        }

        return ReadPosition(connection);
    }

    public static bool HasPosition(Connection connection) =>
        connection.ScalarInteger("SELECT count(*) FROM sqlite_schema WHERE name='_rqlite_meta'") > 0;

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
        _requestsAtBegin = _requests;
    }

    public void Commit(in AppliedPosition position)
    {
        _state->Own = 1;
        _setPosition.Bind(1, position.Index).Bind(2, position.Term).Bind(3, position.Time).Bind(4, (long)position.Digest).Run();
        _state->Own = 0;
        _commit.Run();
    }

    public void Rollback()
    {
        _requests = _requestsAtBegin;
        if (!_connection.Autocommit)
        {
            _rollback.Run();
        }
    }

    /// <summary>For use while a failure is on its way out, which must not be hidden by another.</summary>
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

    public void SetSavepoint() => _savepoint.Run();

    public void ReleaseSavepoint() => _release.Run();

    public void RollbackToSavepoint()
    {
        _rollbackTo.Run();
        _release.Run();
    }

    /// <summary>
    /// SQLITE_FULL is also what a table with AUTOINCREMENT answers once its largest rowid was given out; that is no full disk.
    /// </summary>
    public bool SequenceIsUsedUp() =>
        _connection.ScalarInteger("SELECT count(*) FROM sqlite_schema WHERE name='sqlite_sequence'") > 0
        && _connection.ScalarInteger("SELECT count(*) FROM sqlite_sequence WHERE seq >= 9223372036854775807") > 0;

    public CommandResult? FindRequest(RequestId id)
    {
        Span<byte> key = stackalloc byte[16];
        WriteKey(key, id);
        try
        {
            if (_findRequest.Bind(1, key).Step() != ResultCode.Row)
            {
                return null;
            }

            var encoded = _findRequest.IsNull(1) ? [] : _findRequest.Blob(1);
            return new CommandResult(encoded, _findRequest.Integer(0), duplicate: true);
        }
        finally
        {
            _findRequest.Reset();
        }
    }

    public void StoreRequest(RequestId id, in EntryStamp stamp, ReadOnlySpan<byte> result)
    {
        Span<byte> key = stackalloc byte[16];
        WriteKey(key, id);
        _state->Own = 1;
        var before = Native.sqlite3_total_changes64(_connection.Handle);
        _expireRequests.Bind(1, stamp.UnixMilliseconds - RequestLifeMilliseconds).Run();
        if (_requests >= RequestsMax + RequestsTrimmed)
        {
            _trimRequests.Bind(1, _requests - RequestsMax).Run();
        }

        _requests -= Native.sqlite3_total_changes64(_connection.Handle) - before;
        _storeRequest.Bind(1, key).Bind(2, stamp.Index).Bind(3, stamp.UnixMilliseconds);
        if (result.Length <= StoredResultBytesMax)
        {
            _storeRequest.Bind(4, result).Run();
        }
        else
        {
            _storeRequest.BindNull(4).Run();
        }

        _requests++;
        _state->Own = 0;
    }

    private static void WriteKey(Span<byte> key, RequestId id)
    {
        BinaryPrimitives.WriteUInt64BigEndian(key, id.High);
        BinaryPrimitives.WriteUInt64BigEndian(key[8..], id.Low);
    }

    public void Dispose()
    {
        OwnStatement[] all =
        [
            _begin, _commit, _rollback, _savepoint, _release, _rollbackTo, _setPosition, _findRequest, _storeRequest, _expireRequests,
            _trimRequests,
        ];
        foreach (var statement in all)
        {
            statement.Dispose();
        }
    }
}
