using System.Buffers.Binary;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The requests that were run and their answers, part of the replicated database. Names that nodes give and keys of clients have a bound each.
/// For a key the fingerprint of its request is kept before the result; an answer that is too large is left out. For a transaction only the fact
/// is kept that it was committed.
/// </summary>
internal sealed class RequestTable : IDisposable
{
    private const int StoredResultBytesMax = 64 << 10;
    private const long EntriesMax = 100_000;

    // Rows are removed so many at a time, since finding the oldest costs more than removing them.
    private const long Trimmed = 1000;
    private const long LifeMilliseconds = 3_600_000;

    // The byte before the fingerprint of a key.
    private const byte ResultKept = 0;
    private const byte ResultLeftOut = 1;
    private const byte Transaction = 2;
    private const int KeyHeadBytes = 1 + RequestFingerprint.Bytes;

    private readonly Connection _connection;
    private readonly OwnStatement _find;
    private readonly OwnStatement _store;
    private readonly OwnStatement _place;
    private readonly Kind _names;
    private readonly Kind _keys;

    public RequestTable(Connection connection)
    {
        _connection = connection;
        _find = connection.Prepare("SELECT idx, result FROM _rqlite_requests WHERE id=?1 AND time >= ?2");
        _store = connection.Prepare("INSERT INTO _rqlite_requests(id, idx, time, result) VALUES(?1, ?2, ?3, ?4)");
        _place = connection.Prepare("UPDATE _rqlite_requests SET idx=?2 WHERE id=?1");
        _names = new Kind(connection, "id < x'80'");
        _keys = new Kind(connection, "id >= x'80'");
    }

    public static void Create(Connection connection)
    {
        connection.Execute(
            "CREATE TABLE _rqlite_requests(id BLOB PRIMARY KEY, idx INTEGER NOT NULL, time INTEGER NOT NULL, result BLOB) WITHOUT ROWID");
        connection.Execute("CREATE INDEX _rqlite_requests_time ON _rqlite_requests(time)");
    }

    /// <summary>The number of requests of each kind; set back when the table is rolled back.</summary>
    public (long Names, long Keys) Counts
    {
        get => (_names.Count, _keys.Count);
        set => (_names.Count, _keys.Count) = value;
    }

    public CommandResult? Find(ApplyCommand command, in EntryStamp stamp)
    {
        Span<byte> id = stackalloc byte[16];
        Write(id, command.RequestId);
        try
        {
            if (_find.Bind(1, id).Bind(2, stamp.UnixMilliseconds - LifeMilliseconds).Step() != ResultCode.Row)
            {
                return null;
            }

            var index = _find.Integer(0);
            var stored = _find.IsNull(1) ? [] : _find.Blob(1);
            if (!command.RequestId.IsKey)
            {
                return new CommandResult(stored, index, duplicate: true);
            }

            if (stored[0] == Transaction)
            {
                return new CommandResult(default, CommandResult.NoEntry, duplicate: true, keyReused: true);
            }

            return RequestFingerprint.Of(command.Batch).AsSpan().SequenceEqual(stored.AsSpan(1, RequestFingerprint.Bytes))
                ? new CommandResult(stored.AsMemory(KeyHeadBytes), index, duplicate: true)
                : new CommandResult(default, index, duplicate: true, keyReused: true);
        }
        finally
        {
            _find.Reset();
        }
    }

    public void Store(ApplyCommand command, in EntryStamp stamp, ReadOnlySpan<byte> result)
    {
        var kind = MakeRoom(command.RequestId, stamp.UnixMilliseconds);
        Span<byte> id = stackalloc byte[16];
        Write(id, command.RequestId);
        _store.Bind(1, id).Bind(2, stamp.Index).Bind(3, stamp.UnixMilliseconds);
        var kept = result.Length <= StoredResultBytesMax;
        if (command.RequestId.IsKey)
        {
            byte[] stored = [kept ? ResultKept : ResultLeftOut, .. RequestFingerprint.Of(command.Batch), .. kept ? result : default];
            _store.Bind(4, stored).Run();
        }
        else if (kept)
        {
            _store.Bind(4, result).Run();
        }
        else
        {
            _store.BindNull(4).Run();
        }

        kind.Count++;
    }

    /// <summary>
    /// Stores the entry in which a request was run; while the request runs ahead of its entry, the index is not known and is stored as 0.
    /// </summary>
    public void Place(RequestId request, long index)
    {
        Span<byte> id = stackalloc byte[16];
        Write(id, request);
        _place.Bind(1, id).Bind(2, index).Run();
    }

    /// <summary>Stores the name of a transaction that begins.</summary>
    /// <param name="index">The entry that the transaction stands on: its own has no index yet.</param>
    /// <exception cref="RequestKnownException">Another request has the name.</exception>
    public void StoreTransaction(RequestId request, long index, long unixMilliseconds)
    {
        Span<byte> id = stackalloc byte[16];
        Write(id, request);
        try
        {
            if (_find.Bind(1, id).Bind(2, unixMilliseconds - LifeMilliseconds).Step() == ResultCode.Row)
            {
                throw new RequestKnownException(isTransaction: _find.Blob(1) is [Transaction, ..], index);
            }
        }
        finally
        {
            _find.Reset();
        }

        var kind = MakeRoom(request, unixMilliseconds);
        _store.Bind(1, id).Bind(2, index).Bind(3, unixMilliseconds).Bind(4, [Transaction]).Run();
        kind.Count++;
    }

    private Kind MakeRoom(RequestId request, long unixMilliseconds)
    {
        _names.Expire(_connection, unixMilliseconds - LifeMilliseconds);
        _keys.Expire(_connection, unixMilliseconds - LifeMilliseconds);
        var kind = request.IsKey ? _keys : _names;
        kind.Trim(_connection);
        return kind;
    }

    public void Dispose()
    {
        _find.Dispose();
        _store.Dispose();
        _place.Dispose();
        _names.Dispose();
        _keys.Dispose();
    }

    private static void Write(Span<byte> id, RequestId request)
    {
        BinaryPrimitives.WriteUInt64BigEndian(id, request.High);
        BinaryPrimitives.WriteUInt64BigEndian(id[8..], request.Low);
    }

    /// <summary>The requests of one kind: their number, and the removal of the oldest.</summary>
    private sealed class Kind(Connection connection, string condition) : IDisposable
    {
        private readonly OwnStatement _expire = connection.Prepare($"DELETE FROM _rqlite_requests WHERE time < ?1 AND {condition}");

        private readonly OwnStatement _trim = connection.Prepare(
            $"DELETE FROM _rqlite_requests WHERE id IN (SELECT id FROM _rqlite_requests WHERE {condition} ORDER BY time, id LIMIT ?1)");

        public long Count { get; set; } = connection.ScalarInteger($"SELECT count(*) FROM _rqlite_requests WHERE {condition}") ?? 0;

        public void Expire(Connection on, long before) => Count -= Deleted(on, _expire.Bind(1, before));

        public void Trim(Connection on)
        {
            if (Count >= EntriesMax + Trimmed)
            {
                Count -= Deleted(on, _trim.Bind(1, Count - EntriesMax));
            }
        }

        public void Dispose()
        {
            _expire.Dispose();
            _trim.Dispose();
        }

        private static long Deleted(Connection on, OwnStatement delete)
        {
            var before = Native.sqlite3_total_changes64(on.Handle);
            delete.Run();
            return Native.sqlite3_total_changes64(on.Handle) - before;
        }
    }
}
