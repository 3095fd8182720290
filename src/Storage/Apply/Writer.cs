using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The only connection that writes. An entry, its index and its digest reach the disk in one SQLite transaction. Entries are applied on the
/// applier's thread; a rehearsal's owner and the applier exclude each other by a lock.
/// </summary>
public sealed unsafe partial class Writer : IDisposable
{
    private readonly StorageOptions _options;
    private readonly EntryState* _state;
    private readonly int* _walFrames;
    private readonly ConnectionClock _clock;
    private readonly RewindableBuffer _output = new();
    private readonly List<(int At, long Ticks)> _elapsed = [];

    /// <summary>Statements that must not run in this entry, with the error each has shown. See <see cref="Apply"/>.</summary>
    private readonly Dictionary<(int Command, int Statement), StatementError> _failed = [];

    private Connection? _connection;
    private StatementCache? _cache;
    private EntryTransaction? _transaction;
    private EffectRun? _effects;
    private readonly LooseSequences _loose = new();
    private AppliedPosition _position;
    private long _showing;
    private bool _analyzed;

    /// <summary>The database has a virtual table, or had one.</summary>
    private volatile bool _mayHaveVirtualTables;

    /// <summary>Counts possible changes of the schema: a statement prepared at another count may describe a schema that is gone.</summary>
    private long _definitions;

    /// <summary>The notifications that the commands of the current entry have sent, in order.</summary>
    private readonly List<Notification> _notifications = [];

    // Charged for a statement that runs ahead of its entry. It is asked whether the statement has to end, since SQLite ignores interrupts while it
    // prepares and within full-text search, but allocates.
    private readonly MemoryAccount _memory;

    private readonly SchemaStamps _stamps;
    private readonly Action<AppliedPosition> _committed;
    private readonly Action _statisticsChanged;

    /// <param name="committed">Called after an entry's COMMIT and before anybody is answered.</param>
    /// <param name="statisticsChanged">Called when plans of other connections are to be made anew.</param>
    internal Writer(
        StorageOptions options, TemporaryFiles temporary, SchemaStamps stamps, Action<AppliedPosition> committed, Action statisticsChanged)
    {
        _stamps = stamps;
        _options = options;
        _committed = committed;
        _statisticsChanged = statisticsChanged;
        _state = (EntryState*)NativeMemory.AllocZeroed((nuint)sizeof(EntryState));
        _walFrames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        _clock = new ConnectionClock(&_state->UnixMicroseconds, temporary);
        _memory = new(options.WriteMemoryMax, null, () => _interrupted);
    }

    /// <summary>The number of clients' keys that are remembered; call it between two entries.</summary>
    internal long KeysCounted => _transaction!.KeysCounted;

    internal Connection Connection => _connection ?? throw new ObjectDisposedException(nameof(Writer));

    internal AppliedPosition Position => _position;

    /// <summary>See <see cref="LooseSequences.Changes"/>.</summary>
    public long SequenceChanges => _loose.Changes;

    internal void NoteSequencesReplaced() => _loose.NoteChange();

    /// <summary>Transactions that were rolled back have drawn sequence values that no entry records yet.</summary>
    public bool HasLooseSequences => _loose.Any;

    /// <summary>The statements that record the unlogged sequence advances; null if there are none.</summary>
    public StatementBatch? SettleLooseSequences() => _loose.All is { Length: > 0 } points
        ? new StatementBatch([.. points.Select(SequenceFunctions.Raising)], BatchOptions.None)
        : null;

    /// <summary>Forgets the unlogged advances when this node no longer leads: the next leader may give out the same values.</summary>
    public void ForgetLooseSequences() => _loose.Clear();

    /// <summary>Called after an entry's commit if it sent notifications, on the applier's thread.</summary>
    internal Action<IReadOnlyList<Notification>>? Notified { get; set; }

    /// <summary>Called after an entry's commit with the waits for locks that are over, on the applier's thread.</summary>
    internal Action<IReadOnlyList<LockGrant>>? LocksGranted { get; set; }

    /// <summary>Held during an entry; other threads may run their work between two entries through it.</summary>
    internal WriterPause Pause { get; } = new();

    /// <summary>The frames that commits have put into the WAL since it last started over. From any thread.</summary>
    internal int WalFrames => Volatile.Read(ref *_walFrames);

    /// <summary>The newest entry that any reader may have seen so far. From any thread.</summary>
    public long Showing => Volatile.Read(ref _showing);

    /// <summary>Opens or creates the database file; the position is then the one in the file.</summary>
    internal void Open(string path, bool create)
    {
        _connection = Connection.Open(path, _options, writer: true, _clock);
        Prepare();
        _position = create ? EntryTransaction.Create(_connection) : EntryTransaction.ReadPosition(_connection);
        LockTable.Create(_connection);
        _transaction = new EntryTransaction(_connection, _state);
        Volatile.Write(ref _showing, _position.Index);
        Path = path;
    }

    /// <summary>Switches to another database file, which has its own position.</summary>
    internal void Switch(string path)
    {
        // A checkpoint may be waiting for its turn between two transactions, and must not find a closed connection.
        EnterForEntry();
        try
        {
            DropGroup();
            Close();
            _loose.Clear();
            _guard.Forget();
            Volatile.Write(ref *_walFrames, 0);
            Open(path, create: false);
        }
        finally
        {
            Leave();
        }
    }

    internal string Path { get; private set; } = "";

    private void Prepare()
    {
        EntryFunctions.Register(Connection, _state);
        ClockFunctions.Register(Connection, &_state->UnixMicroseconds);
        Connection.Context.Entry = _state;
        Connection.Sql.StampOf = StampOf;
        _effects = new EffectRun(Connection, _state, _loose);
        EffectFunctions.Register(Connection, _effects);

        // This hook also replaces SQLite's own one, which checkpoints by itself.
        _ = Native.sqlite3_wal_hook(Connection.Handle, &CountFrames, (nint)_walFrames);
        _cache = new StatementCache(Connection, _options.StatementCacheMax);
        _mayHaveVirtualTables = Connection.ScalarInteger("SELECT count(*) FROM sqlite_schema WHERE type='table' AND rootpage=0") > 0;
        Connection.HadVirtualTables = _mayHaveVirtualTables;
    }

    /// <summary>Reads schema and statistics from the file again, as a restarted node would.</summary>
    private void Reopen()
    {
        // The new connection is opened first: closing the last one would make SQLite checkpoint, which only we may do.
        var old = Connection;
        var fresh = Connection.Open(Path, _options, writer: true, _clock);
        _cache!.Dispose();
        _transaction!.Dispose();
        _effects!.Dispose();
        _connection = fresh;
        Prepare();
        _transaction = new EntryTransaction(fresh, _state);
        old.Dispose();
        _statisticsChanged();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int CountFrames(nint frames, nint connection, byte* database, int count)
    {
        Volatile.Write(ref *(int*)frames, count);
        return ResultCode.Ok;
    }

    internal void Close()
    {
        ForgetGroup();
        _cache?.Dispose();
        _transaction?.Dispose();
        _effects?.Dispose();
        _connection?.Dispose();
        (_cache, _transaction, _effects, _connection) = (null, null, null, null);
    }

    /// <summary>Closes the connection and frees the memory that outlives it; called by <see cref="Database"/>.</summary>
    void IDisposable.Dispose()
    {
        Close();
        _clock.Dispose();
        _guard.Dispose();
        NativeMemory.Free(_state);
        NativeMemory.Free(_walFrames);
    }

    /// <summary>Applies an entry. Errors of statements are results; the command after them goes on.</summary>
    /// <param name="results">Null, or an array that receives each command's result.</param>
    /// <exception cref="StorageException">This node cannot go on: disk, memory or a broken file. Nothing of the entry is in the database.</exception>
    public void Apply(in EntryStamp stamp, IReadOnlyList<ApplyCommand> commands, CommandResult?[]? results)
    {
        EnterForEntry();
        try
        {
            DropGroup();
            CheckNext(stamp);
            ApplyAlone(stamp, commands, results);
        }
        finally
        {
            Leave();
        }
    }

    private void ApplyAlone(in EntryStamp stamp, IReadOnlyList<ApplyCommand> commands, CommandResult?[]? results)
    {
        _failed.Clear();
        _analyzed = false;

        // A few statements end the whole SQLite transaction (OR ROLLBACK, RAISE(ROLLBACK)), and a few have to be undone after they have
        // succeeded. The entry then begins again with that statement left out; every replica does the same.
        while (!TryApply(stamp, commands, results))
        {
            _transaction!.Rollback();
        }

        _definitions++;
        _committed(_position);
        Announce(_notifications, _effects!.Grants);
        if (_analyzed)
        {
            Reopen();
        }
    }

    private bool TryApply(in EntryStamp stamp, IReadOnlyList<ApplyCommand> commands, CommandResult?[]? results)
    {
        *_state = new EntryState { UnixMicroseconds = stamp.UnixMicroseconds, Digest = new Mixer((ulong)stamp.Index) };
        _state->AddTime(stamp.UnixMicroseconds);
        _state->Digest.Add(stamp.Seed);
        _notifications.Clear();
        _effects!.BeginEntry(stamp.Term);
        try
        {
            _transaction!.Begin();
            _state->TotalChangesAtStart = Native.sqlite3_total_changes64(Connection.Handle);
            for (var i = 0; i < commands.Count; i++)
            {
                if (!TryRunCommand(stamp, i, commands[i], results))
                {
                    return false;
                }
            }

            var chained = new Mixer(_position.Digest);
            chained.Add(_state->Digest.Value);
            var position = new AppliedPosition(stamp.Index, stamp.Term, stamp.UnixMilliseconds, chained.Value, _position.BaseIndex, _position.BaseTerm);
            Committing?.Invoke(1);
            Commit(position);
            _position = position;
            return true;
        }
        catch
        {
            _transaction!.RollbackQuietly();
            throw;
        }
    }

    /// <summary>Publishes first how far readers will see: they may begin before this returns.</summary>
    private void Commit(in AppliedPosition position)
    {
        Volatile.Write(ref _showing, position.Index);
        _transaction!.Commit(position);
    }

    private bool TryRunCommand(in EntryStamp stamp, int number, ApplyCommand command, CommandResult?[]? results)
    {
        var named = command.RequestId != default;
        if (named && _transaction!.FindRequest(command, stamp) is { } earlier)
        {
            _state->Digest.Add((ulong)earlier.Index);
            if (results is not null)
            {
                results[number] = earlier;
            }

            return true;
        }

        if (IsMoved(command.Batch.SchemaVersion))
        {
            _state->Digest.Add(SchemaMovedDigest);
            if (results is not null)
            {
                results[number] = new CommandResult(default, stamp.Index, duplicate: false) { SchemaMoved = true };
            }

            return true;
        }

        _output.Clear();
        _elapsed.Clear();
        _effects!.Begin(
            new TransactionEffects(command.Batch.Caller),
            locks: (command.Batch.Options & BatchOptions.AdvisoryLocks) != 0 && command.Batch.Statements.Count == 1);
        _effects.Sequences.BeginCommand();
        if (!TryRunBatch(stamp, number, command.Batch))
        {
            return false;
        }

        _effects.EndCommand();
        _notifications.AddRange(_effects.Current.Notifications);

        if (named)
        {
            _transaction!.StoreRequest(command, stamp, _output.Written);
            if (stamp.Index == 0)
            {
                _named.Add(command.RequestId);
            }
        }

        if (results is not null)
        {
            WriteElapsed();
            results[number] = new CommandResult(_output.Written.ToArray(), stamp.Index, duplicate: false);
        }

        return true;
    }

    private void Notify(IReadOnlyList<Notification> notifications)
    {
        if (notifications.Count > 0)
        {
            Notified?.Invoke(notifications);
        }
    }

    /// <summary>Puts in the elapsed times, which differ from node to node, only after the digest and the stored result are made.</summary>
    private void WriteElapsed()
    {
        foreach (var (at, ticks) in _elapsed)
        {
            MemoryMarshal.Write(_output[at..(at + sizeof(long))], BitConverter.IsLittleEndian ? ticks : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(ticks));
        }
    }
}
