using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// A read-only connection that keeps its read transaction open between statements and renews it only when something was committed:
/// that saves two system calls a read. Used by one caller at a time.
/// </summary>
internal sealed unsafe class Reader : IDisposable
{
    // The progress handler looks at cancellation and deadlines this often; an instruction is about 10 ns.
    private const int InstructionsPerLook = 1000;

    private readonly Generation _files;
    private readonly long* _unixMicroseconds;
    private readonly ConnectionClock _clock;
    private readonly Connection _connection;
    private readonly StatementCache _cache;
    private readonly OwnStatement _begin;
    private readonly OwnStatement _commit;
    private readonly OwnStatement _touch;
    private long? _version;
    private long _definitions;
    private long _seen = -1;
    private readonly MemoryPool _memory;
    private readonly long _statementMemoryMax;
    private int _claimed;
    private StatementCursor? _running;

    public Reader(
        Generation files, StorageOptions options, int generation, ReadWorkers workers, MemoryPool memory, TemporaryFiles temporary,
        SchemaStamps stamps)
    {
        Generation = generation;
        Workers = workers;
        _memory = memory;
        _statementMemoryMax = options.ReadMemoryMax;
        ObjectDisposedException.ThrowIf(!files.TryAddUser(), typeof(Database));
        _files = files;
        _unixMicroseconds = (long*)NativeMemory.AllocZeroed(sizeof(long));
        try
        {
            _clock = new ConnectionClock(_unixMicroseconds, temporary);
            _connection = Connection.Open(files.MainPath, options, writer: false, _clock);
        }
        catch
        {
            CloseFiles();
            throw;
        }

        _connection.Sql.StampOf = version => stamps.Of(files.MainPath, version);
        ClockFunctions.Register(_connection, _unixMicroseconds);
        EffectFunctions.Register(_connection, run: null);
        _cache = new StatementCache(_connection, options.StatementCacheMax);
        _begin = _connection.Prepare("BEGIN");
        _commit = _connection.Prepare("COMMIT");
        _touch = _connection.Prepare("SELECT 1 FROM main.sqlite_schema LIMIT 1");
        InlineLooksMax = (options.InlineInstructionBudget / InstructionsPerLook) + 1;
        Native.sqlite3_progress_handler(_connection.Handle, InstructionsPerLook, &Look, _connection.PinOwner(this));
    }

    /// <summary>The number of the pool's opening of the database files that this reader belongs to.</summary>
    public int Generation { get; }

    /// <summary>The workers on which long reads of this reader go on.</summary>
    public ReadWorkers Workers { get; }

    /// <summary>The lease that has the reader; null while it is idle. From any thread.</summary>
    public ReaderLease? Lease { get; set; }

    /// <summary>Opens an account for the memory that a statement may allocate.</summary>
    /// <param name="stop">See <see cref="MemoryAccount"/>.</param>
    public MemoryAccount OpenAccount(Func<bool> stop) => new(_statementMemoryMax, _memory, stop);

    public Connection Connection => _connection;

    public StatementCache Cache => _cache;

    /// <summary>How often <see cref="StatementCursor.MustStop"/> may be asked before a statement has used up its budget.</summary>
    public int InlineLooksMax { get; }

    /// <summary>When the reader was last given back, by <see cref="Environment.TickCount64"/>.</summary>
    public long IdleSince { get; set; }

    /// <summary>The count of commits that the reader's snapshot shows at least. From any thread.</summary>
    public long Seen => Volatile.Read(ref _seen);

    public bool Holds => Seen != -1;

    /// <summary>Takes the reader: by a lease while a statement is open, and briefly by the threads that end its transaction from outside.</summary>
    public void Claim()
    {
        var spin = default(SpinWait);
        while (Interlocked.CompareExchange(ref _claimed, 1, 0) != 0)
        {
            spin.SpinOnce();
        }
    }

    public void Unclaim() => Volatile.Write(ref _claimed, 0);

    /// <summary>Ends the read transaction, unless a statement is open on it.</summary>
    public void TryLetGo()
    {
        if (Interlocked.CompareExchange(ref _claimed, 1, 0) == 0)
        {
            Release();
            Unclaim();
        }
    }

    /// <summary>Ends the read transaction of a reader on which no statement is open.</summary>
    public void LetGo()
    {
        Claim();
        Release();
        Unclaim();
    }

    /// <summary>Begins a new read transaction unless the current one shows all of <paramref name="committed"/>, read before this call.</summary>
    public void Refresh(long committed)
    {
        if (_seen == committed)
        {
            return;
        }

        Release();
        _begin.Run();
        Volatile.Write(ref _seen, committed);
    }

    /// <summary>Takes the snapshot now and not at the first read.</summary>
    public void Touch() => _touch.Run();

    /// <summary>SQLite's schema cookie in the reader's snapshot.</summary>
    public long SchemaVersion => _version ??= _connection.Sql.SchemaVersion;

    /// <summary>
    /// Brings the connection's schema up to its snapshot, and returns the schema's version: SQLite itself notices a change only when a
    /// statement runs, so one that is merely prepared would be described with the old schema.
    /// </summary>
    public long LookAtSchema()
    {
        var version = SchemaVersion;
        if (version != _definitions)
        {
            Touch();
            _definitions = version;
        }

        return version;
    }

    /// <summary>Ends the read transaction, so that it holds back no checkpoint.</summary>
    public void Release()
    {
        if (_seen != -1)
        {
            Volatile.Write(ref _seen, -1);
            _version = null;
            if (!_connection.Autocommit)
            {
                _commit.Run();
            }
        }
    }

    /// <summary>Steps a cursor's statement; meanwhile the cursor is asked whether it must stop.</summary>
    public int Step(StatementCursor cursor, StatementHandle handle)
    {
        _running = cursor;
        *_unixMicroseconds = cursor.UnixMicroseconds;
        _connection.Context.Began = cursor.Began;
        _connection.Context.Caller = handle.AsksSession ? cursor.Caller : null;
        using var memory = SqliteMemory.Limit(cursor.Memory);
        var code = handle.Step();
        _connection.Context.Caller = null;
        _running = null;
        return code;
    }

    /// <summary>Prepares a cursor's statement; meanwhile the cursor is asked whether it must stop.</summary>
    public StatementError? Prepare(StatementCursor cursor)
    {
        _running = cursor;
        using var memory = SqliteMemory.Limit(cursor.Memory);
        try
        {
            return cursor.PrepareOn(this);
        }
        finally
        {
            _running = null;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Look(nint self)
    {
        try
        {
            var running = Unsafe.As<Reader>(GCHandle.FromIntPtr(self).Target!)._running;
            return running is not null && running.MustStop() ? 1 : 0;
        }
        catch (Exception)
        {
            // No exception may pass through SQLite. If the cursor cannot tell whether it may go on, it has to stop.
            return 1;
        }
    }

    public void Dispose()
    {
        _cache.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _touch.Dispose();
        _connection.Dispose();
        CloseFiles();
    }

    private void CloseFiles()
    {
        _clock?.Dispose();
        NativeMemory.Free(_unixMicroseconds);
        _files.RemoveUser();
    }
}
