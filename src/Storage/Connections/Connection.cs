using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Rqlite.Pg.Storage;

/// <summary>One SQLite connection without a mutex of its own: one caller at a time uses it.</summary>
internal sealed unsafe class Connection : IDisposable
{
    // The limits of a statement are the same on every node, on readers and the writer, since a limit decides results.
    private const int ExpressionDepthMax = 1000;
    private const int CompoundSelectMax = 500;
    private const int LikePatternBytesMax = 1000;
    private const int TriggerDepthMax = 32;

    public const int BusyTimeoutMilliseconds = 5000;

    // SQLite asks the authorizer about a VACUUM only later; every statement of a client runs within a transaction of ours.
    private const string VacuumInTransaction = "cannot VACUUM from within a transaction";

    private const string Reload = "PRAGMA writable_schema=RESET";

    private readonly Authorizer _authorizer;
    private BoundedFunctions? _bounded;
    private FullTextState? _fullText;
    private GCHandle _owner;
    private nint _handle;
    private int _settings = -1;
    private bool _reloaded;
    private bool _undone;

    private Connection(nint handle, Authorizer authorizer, ConnectionClock? clock)
    {
        _handle = handle;
        _authorizer = authorizer;
        Sql = new ConnectionSql(this);
        Context = new StatementContext(clock is null ? null : clock.UnixMicroseconds) { Sql = Sql };
    }

    public nint Handle => _handle;

    public Authorizer Authorizer => _authorizer;

    /// <summary>What functions may ask of the statement that runs.</summary>
    public StatementContext Context { get; }

    /// <summary>The reads that functions and tables make within the statement that runs.</summary>
    public ConnectionSql Sql { get; }

    /// <summary>True if the schema table is replaced in the texts of clients (<see cref="SqlText.HidingOwnTables"/>).</summary>
    public bool HidesOwnTables { get; private set; }

    public bool Autocommit => Native.sqlite3_get_autocommit(_handle) != 0;

    /// <summary>The state by which FTS5 shows this connection's past.</summary>
    public FullTextState FullText => _fullText!;

    /// <param name="clock">The clock that statements see, which must outlive the connection; null for SQLite's own.</param>
    public static Connection Open(string path, StorageOptions options, bool writer, ConnectionClock? clock)
    {
        TimeZone.UseUtc();
        SqliteMemory.Install();
        nint handle;
        var flags = Native.OpenNoMutex | Native.OpenExtendedCodes
            | (writer ? Native.OpenReadWrite | Native.OpenCreate : Native.OpenReadOnly);
        int code;
        fixed (byte* name = Utf8(path), fileSystem = clock is null ? null : Utf8(clock.Name))
        {
            code = Native.sqlite3_open_v2(name, &handle, flags, fileSystem);
        }

        options = options with { Node = options.Node.And(DatabaseFiles.FunctionsOf(path)) };
        var connection = new Connection(handle, new Authorizer(writer, options.Node, ExtensionNames.Of(options.Sql)), clock);
        try
        {
            connection.Check(code, $"cannot open {path}");
            connection.Configure(options, writer);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void LoadExtensions(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
        {
            return;
        }

        Config(Native.ConfigEnableLoadExtension, true);
        foreach (var file in files)
        {
            byte* error = null;
            int code;
            fixed (byte* path = Utf8(file))
            {
                code = Native.sqlite3_load_extension(_handle, path, null, &error);
            }

            var reason = error is null ? $"code {code}" : Native.Text(error);
            Native.sqlite3_free(error);
            if (code != ResultCode.Ok)
            {
                throw new StorageException(code, $"-extensions-path: SQLite cannot load the extension '{file}': {reason}");
            }
        }
    }

    private void Configure(StorageOptions options, bool writer)
    {
        Check(Native.sqlite3_busy_timeout(_handle, BusyTimeoutMilliseconds), "busy timeout");
        Config(Native.ConfigDefensive, true);
        Config(Native.ConfigTrustedSchema, false);

        // First, so that functions of this project take the place of an extension's and not the reverse.
        LoadExtensions(options.LoadableExtensions.Value);
        Config(Native.ConfigEnableLoadExtension, false);
        Config(Native.ConfigEnableFts3Tokenizer, false);
        Config(Native.ConfigAttachCreate, false);
        Config(Native.ConfigAttachWrite, false);
        Config(Native.ConfigEnableForeignKeys, false);

        // Accepts schemas that SQLite's own shell accepts, whatever the statements of a client may do.
        Config(Native.ConfigDoubleQuotedTextInSchema, true);
        Config(Native.ConfigDoubleQuotedTextInStatements, false);
        if (!writer)
        {
            Config(Native.ConfigNoCheckpointOnClose, true);
        }

        var length = (int)options.ValueBytesMax;
        Limit(Native.LimitLength, length);
        Limit(Native.LimitSqlLength, length);
        Limit(Native.LimitExpressionDepth, ExpressionDepthMax);
        Limit(Native.LimitCompoundSelect, CompoundSelectMax);
        Limit(Native.LimitAttached, 0);
        Limit(Native.LimitLikePatternLength, LikePatternBytesMax);
        Limit(Native.LimitTriggerDepth, TriggerDepthMax);
        Limit(Native.LimitWorkerThreads, 0);

        // We alone checkpoint: an automatic checkpoint would write the main file while it is being copied.
        Execute("PRAGMA wal_autocheckpoint=0");
        if (writer)
        {
            // Not on readers: under mmap it walks every cell of every page that a read touches, and a reader cannot spread the damage.
            Execute("PRAGMA cell_size_check=ON");
            ExecuteExpecting("PRAGMA journal_mode=WAL", "wal");
            Execute("PRAGMA synchronous=NORMAL");
            Execute($"PRAGMA journal_size_limit={2 * options.WalLimitBytes}");
            Execute($"PRAGMA cache_size=-{options.WriterCacheBytes / 1024}");
        }
        else
        {
            HideOwnTables();
            Execute("PRAGMA query_only=ON");
            Execute($"PRAGMA mmap_size={options.MemoryMapBytes}");
        }

        LinearTextFunctions.Register(this);
        _bounded = BoundedFunctions.Register(this, length);
        NodeFunctions.Register(this, options.Node, writer);
        ExtensionFunctions.Register(this, options.Sql);
        VirtualTables.Register(this, options, writer);
        _fullText = FullTextState.Of(_handle);
        _authorizer.Install(this);
        _settings = 0;
    }

    /// <summary>
    /// Makes views of SQLite's schema table that leave out the tables of this project, so that clients do not list them
    /// (<see cref="SqlText.HidingOwnTables"/>). Not on the writer, where an ALTER TABLE would parse the views too.
    /// </summary>
    private void HideOwnTables()
    {
        foreach (var name in (string[])["_qlite_master", "_qlite_schema"])
        {
            Execute(
                $"CREATE TEMP VIEW {name} AS SELECT type, name, tbl_name, rootpage, sql FROM main.sqlite_master WHERE substr(tbl_name, 1, 8)<>'_rqlite_'");
        }

        HidesOwnTables = true;
    }

    /// <summary>
    /// Sets the options of a batch. SQLite expires all prepared statements at a change, so this costs something only when callers differ.
    /// </summary>
    public void Apply(BatchOptions options)
    {
        var settings = (int)(options & (BatchOptions.DoubleQuotedText | BatchOptions.ForeignKeys));
        var changed = settings ^ _settings;
        if (changed == 0)
        {
            return;
        }

        if ((changed & (int)BatchOptions.DoubleQuotedText) != 0)
        {
            Config(Native.ConfigDoubleQuotedTextInStatements, (options & BatchOptions.DoubleQuotedText) != 0);
        }

        if ((changed & (int)BatchOptions.ForeignKeys) != 0)
        {
            Config(Native.ConfigEnableForeignKeys, (options & BatchOptions.ForeignKeys) != 0);
        }

        _settings = settings;
    }

    public void Config(int option, bool on)
    {
        int result;
        Check(Native.sqlite3_db_config(_handle, option, on ? 1 : 0, &result), "configuration");
        if (result != (on ? 1 : 0))
        {
            throw new StorageException(ResultCode.Misuse, $"SQLite did not take configuration option {option}.");
        }
    }

    /// <summary>Lets this project run VACUUM, which attaches a temporary database: for a file beside the live one.</summary>
    public void AllowVacuum() => Limit(Native.LimitAttached, 1);

    private void Limit(int id, int value)
    {
        _ = Native.sqlite3_limit(_handle, id, value);
        if (Native.sqlite3_limit(_handle, id, -1) != value)
        {
            throw new StorageException(ResultCode.Misuse, $"SQLite did not take {value} for limit {id}.");
        }
    }

    /// <summary>Whether a plan may follow from what ANALYZE has found.</summary>
    public bool HasStatistics() => ScalarInteger("SELECT 1 FROM sqlite_schema WHERE name='sqlite_stat1'") is not null;

    /// <summary>
    /// Reads the schema again, as a connection that is opened now. Estimates of rows remain with it in memory when an index is dropped or a table
    /// renamed, and plans follow them. A virtual table is opened anew, and must have nothing left to write.
    /// </summary>
    public void ReloadSchema()
    {
        Execute(Reload);
        _reloaded = true;
    }

    /// <summary>
    /// Gives the schema another version, as a change of it does, and reads it again. A virtual table must have nothing left to write.
    /// </summary>
    public void BumpSchema()
    {
        WithoutDefense(BumpVersion);
        ReloadSchema();
    }

    /// <summary>Gives the schema this version; not within a transaction.</summary>
    public void SetSchemaVersion(long version) =>
        WithoutDefense(() => Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA schema_version={(int)version}")));

    /// <summary>Replaces the text of an object's definition by another one for the same content.</summary>
    /// <exception cref="StorageException">There is no such object, or SQLite cannot read the text: then the caller rolls back.</exception>
    public void RewriteDefinition(string type, string name, string sql)
    {
        WriteSchema(() => Rewrite(type, name, sql));
        ReadDefinitions();
    }

    /// <summary>
    /// Gives two tables each other's content and automatic index, and both new definitions, which must fit their new content. Other indexes and triggers stay with
    /// the names.
    /// </summary>
    /// <exception cref="StorageException">As for <see cref="RewriteDefinition"/>.</exception>
    public void ExchangeTables(string first, string second, string firstSql, string secondSql)
    {
        WriteSchema(() =>
        {
            Rewrite("table", first, firstSql);
            Rewrite("table", second, secondSql);
            using (var pages = Prepare(
                "UPDATE main.sqlite_schema SET rootpage=(SELECT sum(o.rootpage) FROM main.sqlite_schema o WHERE o.type='table'"
                + " AND o.name IN (?1, ?2))-rootpage WHERE type='table' AND name IN (?1, ?2)"))
            {
                pages.Bind(1, first).Bind(2, second).Run();
            }

            // SQLite reads the rows in their order, and an automatic index must stand after its table.
            using var indexes = Prepare(
                "UPDATE main.sqlite_schema SET rowid=rowid+(SELECT max(rowid) FROM main.sqlite_schema), tbl_name=iif(tbl_name=?1, ?2, ?1),"
                + " name='sqlite_autoindex_'||iif(tbl_name=?1, ?2, ?1)||substr(name, length('sqlite_autoindex_'||tbl_name)+1)"
                + " WHERE type='index' AND sql IS NULL AND tbl_name IN (?1, ?2)");
            indexes.Bind(1, first).Bind(2, second).Run();
        });
        ReadDefinitions();
    }

    private void Rewrite(string type, string name, string sql)
    {
        var before = Native.sqlite3_total_changes64(_handle);
        using var update = Prepare("UPDATE main.sqlite_schema SET sql=?3 WHERE type=?1 AND name=?2");
        update.Bind(1, type).Bind(2, name).Bind(3, sql).Run();
        if (Native.sqlite3_total_changes64(_handle) != before + 1)
        {
            throw new StorageException(ResultCode.Error, $"there is no {type} \"{name}\"");
        }
    }

    /// <summary>Runs changes of SQLite's schema table, and gives the schema a new version.</summary>
    private void WriteSchema(Action action)
    {
        WithoutDefense(() =>
        {
            Execute("PRAGMA writable_schema=ON");
            try
            {
                action();
            }
            finally
            {
                Execute("PRAGMA writable_schema=OFF");
            }

            BumpVersion();
        });
        ReloadSchema();
    }

    private void ReadDefinitions()
    {
        try
        {
            // SQLite reads the definitions when it needs them.
            Execute("SELECT 1 FROM main.sqlite_schema LIMIT 1");
        }
        catch (StorageException e) when ((e.ResultCode & 0xff) == ResultCode.Corrupt)
        {
            throw new StorageException(ResultCode.Error, e.Message, e);
        }
    }

    private void BumpVersion() => Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA schema_version={(int)Sql.SchemaVersion + 1}"));

    // SQLite then lets statements write its schema table, so it is for as short as possible.
    private void WithoutDefense(Action action)
    {
        Config(Native.ConfigDefensive, false);
        try
        {
            action();
        }
        finally
        {
            Config(Native.ConfigDefensive, true);
        }
    }

    /// <summary>The database had virtual tables when the connection was opened.</summary>
    public bool HadVirtualTables { get; set; }

    /// <summary>A statement of the open transaction has changed the schema, or tried to.</summary>
    public bool SchemaChanged { get; set; }

    /// <summary>Called when a transaction begins.</summary>
    public void Began() => _reloaded = false;

    /// <summary>
    /// Called after a transaction was rolled back, or a part of it. SQLite then forgets the schema if a statement has changed it, but not if
    /// the schema was read again since.
    /// </summary>
    public void RolledBack()
    {
        _undone = true;
        if (_reloaded)
        {
            Execute(Reload);
        }
    }

    /// <summary>Notes that a statement of the transaction has failed.</summary>
    public void NoteFailure() => _undone = true;

    /// <summary>
    /// Called when a transaction has ended. A virtual table keeps in memory what a statement that was undone has set (FTS4 its automerge), and
    /// would write other rows later than on a node that was restarted since, or never ran the statement: it is opened anew.
    /// </summary>
    public void Ended()
    {
        if (_undone && (HadVirtualTables || _authorizer.SawVirtualTable))
        {
            Execute(Reload);
        }

        _undone = false;
        SchemaChanged = false;
    }

    /// <summary>Keeps an object alive for callbacks of this connection and returns the pointer to pass to them.</summary>
    public nint PinOwner(object owner)
    {
        _owner = GCHandle.Alloc(owner);
        return GCHandle.ToIntPtr(_owner);
    }

    /// <summary>Runs a statement of ours and drops its rows.</summary>
    public void Execute(string sql)
    {
        using var statement = Prepare(sql);
        while (statement.Step() == ResultCode.Row)
        {
        }
    }

    /// <summary>Runs a statement of ours and returns the first column of its first row as text, or null.</summary>
    public string? Scalar(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() == ResultCode.Row ? statement.Text(0) : null;
    }

    public long? ScalarInteger(string sql)
    {
        using var statement = Prepare(sql);
        return statement.Step() == ResultCode.Row ? statement.Integer(0) : null;
    }

    private void ExecuteExpecting(string sql, string expected)
    {
        var answer = Scalar(sql);
        if (answer != expected)
        {
            throw new StorageException(ResultCode.Error, $"{sql} answered {answer}.");
        }
    }

    /// <summary>Prepares a statement of ours, which the authorizer does not look at.</summary>
    public OwnStatement Prepare(string sql) => new(this, sql);

    public int DeferredForeignKeyViolations()
    {
        int current, highest;
        Check(Native.sqlite3_db_status(_handle, Native.StatusDeferredForeignKeys, &current, &highest, 0), "deferred foreign keys");
        return current;
    }

    public StatementError LastError(int code, int offsetBase)
    {
        var extended = Native.sqlite3_extended_errcode(_handle);
        var offset = Native.sqlite3_error_offset(_handle);
        var message = Native.Text(Native.sqlite3_errmsg(_handle));
        if (_authorizer.TakeReason() is { } reason)
        {
            return new StatementError(ResultCode.Authorization, reason, -1);
        }

        if (message == VacuumInTransaction)
        {
            return new StatementError(ResultCode.Authorization, "not authorized: VACUUM is not available", -1);
        }

        if (SqliteMemory.Account is { Exceeded: true } account && code is ResultCode.NoMemory or ResultCode.IOErrorNoMemory or ResultCode.Full)
        {
            return account.ErrorOf(code);
        }

        var error = new StatementError(
            (extended & 0xff) == (code & 0xff) ? extended : code, message, offset < 0 ? -1 : offsetBase + offset);
        return Context.TakeFailure(code, message) is { } failure
            ? error with { SqlState = failure.SqlState, Detail = failure.Detail, Hint = failure.Hint }
            : error;
    }

    public void Check(int code, string doing)
    {
        if (code is not (ResultCode.Ok or ResultCode.Row or ResultCode.Done))
        {
            var message = _handle == 0 ? Native.Text(Native.sqlite3_errstr(code)) : Native.Text(Native.sqlite3_errmsg(_handle));
            throw new StorageException(code, $"{doing}: {message} ({code})");
        }
    }

    public static void CheckCode(int code, string doing)
    {
        if (code != ResultCode.Ok)
        {
            throw new StorageException(code, $"{doing}: {Native.Text(Native.sqlite3_errstr(code))} ({code})");
        }
    }

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");

    public void Dispose()
    {
        if (_handle != 0)
        {
            Sql.Dispose();
            var code = Native.sqlite3_close(_handle);
            if (code != ResultCode.Ok)
            {
                // A statement was left open: leaking the connection is better than freeing memory that the statement's user may still read.
                throw new StorageException(code, "A connection was closed while statements of it were open.");
            }

            _handle = 0;
            _authorizer.Dispose();
            _bounded?.Dispose();
            if (_owner.IsAllocated)
            {
                _owner.Free();
            }
        }
    }
}
