using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Refuses the operations that a client's statement may not use: leaving the database file, ending or beginning transactions, changing
/// settings, touching our own tables. SQLite asks while it prepares. On the writer it is stricter, since there an answer must be the same on
/// every node.
/// </summary>
internal sealed unsafe class Authorizer(bool writer, NodeSql node, ExtensionNames extensions) : IDisposable
{
    private const int Allow = 0;
    private const int Deny = 1;

    // The pragmas that are allowed in their reading form; a pragma that acts even without an argument is not among them. With an argument a
    // pragma is refused unless it is one of the second set.
    private static readonly FrozenSet<string> s_readable = new[]
    {
        "analysis_limit", "application_id", "auto_vacuum", "automatic_index", "busy_timeout", "cache_size", "cache_spill", "cell_size_check",
        "checkpoint_fullfsync", "collation_list", "compile_options", "count_changes", "data_version", "database_list", "default_cache_size",
        "defer_foreign_keys", "empty_result_callbacks", "encoding", "foreign_keys", "freelist_count", "full_column_names", "fullfsync",
        "function_list", "hard_heap_limit", "ignore_check_constraints", "journal_mode", "journal_size_limit", "legacy_alter_table",
        "locking_mode", "max_page_count", "mmap_size", "module_list", "page_count", "page_size", "pragma_list", "query_only",
        "read_uncommitted", "recursive_triggers", "reverse_unordered_selects", "schema_version", "secure_delete", "short_column_names",
        "soft_heap_limit", "stats", "synchronous", "temp_store", "temp_store_directory", "threads", "trusted_schema", "user_version",
        "wal_autocheckpoint", "writable_schema",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_withArgument = new[]
    {
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check", "quick_check", "table_info",
        "table_list", "table_xinfo",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // The pragmas whose answer follows from the schema, the rows and the batch alone. Lists of tables, functions and modules come in an order
    // that depends on the connection's past, and checks of all tables go in that order.
    private static readonly FrozenSet<string> s_onWriter = new[]
    {
        "application_id", "busy_timeout", "defer_foreign_keys", "encoding", "foreign_key_list", "foreign_keys", "index_info", "index_list",
        "index_xinfo", "journal_mode", "page_size", "recursive_triggers", "synchronous", "table_info", "table_xinfo", "user_version",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Pragmas that check one table only.
    private static readonly FrozenSet<string> s_onWriterWithArgument = new[]
    {
        "foreign_key_check",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Functions whose answer comes from the program and not from the database; during an upgrade nodes run different programs.
    private static readonly FrozenSet<string> s_ofProgram = new[]
    {
        "sqlite_version", "sqlite_source_id", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_offset", "fts5_source_id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_forbidden = new[]
    {
        "load_extension", "fts3_tokenizer", "sqlite_log",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Tables in which a dialect keeps what it knows of the schema; statements of ours make and change them.
    private static readonly FrozenSet<string> s_metadata = new[]
    {
        "_rqlite_namespace", "_rqlite_class", "_rqlite_attribute", "_rqlite_constraint", "_rqlite_index", "_rqlite_type", "_rqlite_enum",
        "_rqlite_view", "_rqlite_depend", "_rqlite_description", "_rqlite_oid",

        // The rows of a table that gets another form, within one entry.
        "_rqlite_rewrite",

        // The chunks of a file that is to take the place of the database.
        OwnTables.Load,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_modules = new[]
    {
        "fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32", "geopoly",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private GCHandle _self;
    private bool _own;
    private bool _preparing;
    private byte* _text;
    private int _textLength;
    private StatementRights _rights;
    private bool _changesSchema;
    private bool _drops;
    private string? _reason;

    /// <summary>The statement prepared last is a PRAGMA that only reads, whatever SQLite reports of it.</summary>
    public bool ReadsSetting { get; private set; }

    /// <summary>The statement prepared last asks whether foreign keys are enforced.</summary>
    public bool AsksForeignKeys { get; private set; }

    /// <summary>The effects of the functions that the statement prepared last names.</summary>
    public StatementEffects Effects { get; private set; }

    /// <summary>The statement prepared last changes the schema.</summary>
    public bool ChangesSchema => _changesSchema;

    /// <summary>The statement prepared last is ours and changes rows of a dialect's metadata.</summary>
    public bool ChangesMetadata { get; private set; }

    /// <summary>The sources that the answer of the statement prepared last may depend on.</summary>
    public AnswerSources Sources { get; private set; }

    /// <summary>A CREATE VIRTUAL TABLE was prepared.</summary>
    public bool SawVirtualTable { get; private set; }

    /// <summary>The statement being prepared names a function or table of <see cref="NodeSql"/> whose answer differs by node.</summary>
    public bool UsesNode { get; private set; }

    /// <summary>The statement being prepared reads the database.</summary>
    public bool UsesTables { get; private set; }

    public void Install(Connection connection)
    {
        _self = GCHandle.Alloc(this);
        connection.Check(Native.sqlite3_set_authorizer(connection.Handle, &Ask, GCHandle.ToIntPtr(_self)), "authorizer");
    }

    /// <summary>Called before a client's statement is prepared; not for this project's own statements.</summary>
    /// <param name="text">The text, which stays in place until <see cref="End"/>.</param>
    public void Begin(byte* text, int length, StatementRights rights)
    {
        Resume(rights);
        _text = text;
        _textLength = length;
        _preparing = true;
        ReadsSetting = false;
        AsksForeignKeys = false;
        UsesNode = false;
        UsesTables = false;
        _changesSchema = false;
        ChangesMetadata = false;
        _reason = null;
        Effects = StatementEffects.None;
        Sources = AnswerSources.None;
    }

    /// <summary>Called when the statement is prepared. Later questions come from within a step: from a virtual table's own statements.</summary>
    public void End()
    {
        _preparing = false;
        _text = null;
        _textLength = 0;
    }

    /// <summary>Called before each step of a prepared statement.</summary>
    public void Resume(StatementRights rights)
    {
        _rights = rights;
        _drops = false;
    }

    public bool EnterOwn()
    {
        var outer = _own;
        _own = true;
        return outer;
    }

    public void LeaveOwn(bool outer) => _own = outer;

    /// <summary>Why the last statement was refused, if this authorizer refused it.</summary>
    public string? TakeReason()
    {
        var reason = _reason;
        _reason = null;
        return reason;
    }

    public void Dispose()
    {
        if (_self.IsAllocated)
        {
            _self.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Ask(nint self, int action, byte* first, byte* second, byte* database, byte* source)
    {
        var authorizer = Unsafe.As<Authorizer>(GCHandle.FromIntPtr(self).Target!);
        if (authorizer._own)
        {
            return Allow;
        }

        try
        {
            return authorizer.Decide((AuthorizerAction)action, first, second, database);
        }
        catch (Exception e)
        {
            // No exception may pass through SQLite.
            return authorizer.Refuse($"not authorized: {e.Message}");
        }
    }

    private int Decide(AuthorizerAction action, byte* first, byte* second, byte* database)
    {
        switch (action)
        {
            case AuthorizerAction.Read:
                return DecideRead(first, second);

            case AuthorizerAction.Insert:
            case AuthorizerAction.Update:
            case AuthorizerAction.Delete:
                return DecideChange(action, first, database);

            case AuthorizerAction.CreateTable:
            case AuthorizerAction.CreateIndex:
            case AuthorizerAction.CreateTrigger:
            case AuthorizerAction.CreateView:
            case AuthorizerAction.DropTable:
            case AuthorizerAction.DropIndex:
            case AuthorizerAction.DropTrigger:
            case AuthorizerAction.DropView:
            case AuthorizerAction.DropVirtualTable:
            case AuthorizerAction.AlterTable:
                return DecideDefinition(action, first, second, database);

            case AuthorizerAction.Analyze:
                _changesSchema = true;
                return Allow;

            case AuthorizerAction.CreateVirtualTable:
                SawVirtualTable = true;
                return s_modules.Contains(Native.Text(second))
                    ? DecideDefinition(action, first, null, database)
                    : Refuse("not authorized: this virtual table module is not available");

            case AuthorizerAction.Function:
                return DecideFunction(second);

            case AuthorizerAction.Pragma:
                return DecidePragma(Native.Text(first), second == null);

            case AuthorizerAction.Transaction:
            case AuthorizerAction.Savepoint:
                return !_preparing ? Allow : Refuse(
                    $"not authorized: {TransactionVerb(action, Native.Text(first))} is not available, since a request is a transaction of its own; "
                    + "send the statements in one request");

            case AuthorizerAction.Detach:
                return Refuse("not authorized: DETACH is not available");

            case AuthorizerAction.Attach:
                return Refuse("not authorized: ATTACH and VACUUM are not available");

            case AuthorizerAction.CreateTemporaryIndex:
            case AuthorizerAction.CreateTemporaryTable:
            case AuthorizerAction.CreateTemporaryTrigger:
            case AuthorizerAction.CreateTemporaryView:
            case AuthorizerAction.DropTemporaryIndex:
            case AuthorizerAction.DropTemporaryTable:
            case AuthorizerAction.DropTemporaryTrigger:
            case AuthorizerAction.DropTemporaryView:
                return RefuseTemporary();

            case AuthorizerAction.Select:
            case AuthorizerAction.Recursive:
            case AuthorizerAction.Reindex:
                return Allow;

            default:
                return Refuse("not authorized");
        }
    }

    // SQLite passes the operation of a statement; for savepoints it passes the verbs of transactions.
    private static string TransactionVerb(AuthorizerAction action, string operation) =>
        action == AuthorizerAction.Transaction ? operation : operation switch
        {
            "BEGIN" => "SAVEPOINT",
            "ROLLBACK" => "ROLLBACK TO",
            _ => operation,
        };

    private int DecideRead(byte* table, byte* column)
    {
        if (_preparing)
        {
            var ofNode = node.Tables.Count > 0 && node.HasTable(Native.Text(table));
            UsesNode |= ofNode;
            UsesTables |= !ofNode;
            Sources |= AnswerSources.Tables;
            AsksForeignKeys |= IsName(table, "pragma_foreign_keys"u8);
            Effects |= ofNode || (extensions.HasAskingTables && extensions.Asks(Native.Text(table))) ? StatementEffects.AsksSession : StatementEffects.None;
        }

        if (IsOwnTable(table) || (IsName(table, LoadTable) && (_rights & StatementRights.Internals) == 0))
        {
            return Refuse("not authorized: an internal table cannot be read");
        }

        return writer ? DecideReadOnWriter(table, column) : Allow;
    }

    private int DecideReadOnWriter(byte* table, byte* column)
    {
        if (StartsWith(table, PragmaPrefix))
        {
            var pragma = Native.Text(table + PragmaPrefix.Length);
            return s_onWriter.Contains(pragma) || s_onWriterWithArgument.Contains(pragma) ? Allow : RefusePragma(pragma);
        }

        // The root pages of a table depend on the file's past. SQLite itself reads them in the statements nested in a DROP.
        return IsName(column, "rootpage"u8) && !_drops && (IsName(table, "sqlite_master"u8) || IsName(table, "sqlite_schema"u8))
            ? Refuse("not authorized: rootpage cannot be used in a statement that goes through the log")
            : Allow;
    }

    private int DecideChange(AuthorizerAction action, byte* table, byte* database)
    {
        if (StartsWith(table, OwnPrefix))
        {
            if (MayChangeMetadata(table))
            {
                ChangesMetadata |= _preparing && !IsName(table, LoadTable);
                return Allow;
            }

            return action == AuthorizerAction.Delete && (_rights & StatementRights.Internals) != 0 && IsName(table, CallTable)
                ? Allow
                : Refuse("not authorized: an internal table cannot be changed");
        }

        // CREATE TRIGGER temp.x differs from others only by where it is stored. ALTER TABLE updates the temporary schema, which is empty.
        if (action != AuthorizerAction.Update && IsName(database, TemporaryDatabase))
        {
            return RefuseTemporary();
        }

        // Statistics may only come from ANALYZE: a connection reads them when it is opened, so other writes would be seen by some nodes
        // and not by others. Dropping a table also deletes its rows there, by a statement nested in one that changes the schema.
        return StartsWith(table, "sqlite_stat"u8) && !_changesSchema && (_rights & StatementRights.Statistics) == 0
            ? Refuse("not authorized: statistics are written by ANALYZE only")
            : Allow;
    }

    private int DecideDefinition(AuthorizerAction action, byte* first, byte* second, byte* database)
    {
        _changesSchema = true;
        _drops |= action is AuthorizerAction.DropTable or AuthorizerAction.DropIndex or AuthorizerAction.DropVirtualTable
            or AuthorizerAction.DropView or AuthorizerAction.DropTrigger;
        var alters = action == AuthorizerAction.AlterTable;
        if (IsName(alters ? first : database, TemporaryDatabase))
        {
            return RefuseTemporary();
        }

        var name = alters ? second : first;
        var onTable = action is AuthorizerAction.CreateIndex or AuthorizerAction.CreateTrigger or AuthorizerAction.DropIndex
            or AuthorizerAction.DropTrigger ? second : null;
        if (MayChangeMetadata(onTable == null ? name : onTable))
        {
            return Allow;
        }

        var created = action is AuthorizerAction.CreateTable or AuthorizerAction.CreateView or AuthorizerAction.CreateVirtualTable ? Native.Text(first)
            : _preparing && alters ? SqlText.RenamedTo(new ReadOnlySpan<byte>(_text, _textLength)) : null;
        if (created is not null && (extensions.IsTable(created) || node.HasTable(created)))
        {
            return Refuse($"not authorized: the name {created} is that of a table of the server");
        }

        var inText = _preparing && (alters || action == AuthorizerAction.CreateTable)
            && SqlText.RefersTo(new ReadOnlySpan<byte>(_text, _textLength), OwnPrefix);
        return StartsWith(name, OwnPrefix) || StartsWith(onTable, OwnPrefix) || inText
            ? Refuse("not authorized: names beginning with _rqlite_ are reserved")
            : Allow;
    }

    /// <summary>True for a module whose virtual tables a database may have.</summary>
    public static bool TakesModule(string name) => s_modules.Contains(name);

    /// <summary>True for a table in which a dialect keeps what it knows of the schema.</summary>
    public static bool IsMetadata(string name) => s_metadata.Contains(name) && !OwnTables.OfCluster.Contains(name);

    private bool MayChangeMetadata(byte* name) => (_rights & StatementRights.Internals) != 0 && s_metadata.Contains(Native.Text(name));

    private int DecideFunction(byte* name)
    {
        if (StartsWith(name, OwnPrefix) && (_rights & StatementRights.Internals) == 0)
        {
            return RefuseFunction(name);
        }

        var text = Native.Text(name);
        if (_preparing)
        {
            var (effects, sources) = extensions.OfFunction(text);
            Effects |= effects | EffectFunctions.Of(text);
            UsesNode |= node.Functions.Count > 0 && node.HasFunction(text);
            Sources |= sources | (IsName(name, "random"u8) || IsName(name, "randomblob"u8) ? AnswerSources.Random : AnswerSources.None);
        }

        return s_forbidden.Contains(text) ? RefuseFunction(name)
            : writer && s_ofProgram.Contains(text) ? Refuse($"not authorized: {text}(){NodeFunctions.Refusal}")
            : Allow;
    }

    private int DecidePragma(string name, bool reads)
    {
        // FTS5 reads data_version from within a step, to see whether another connection has written.
        var nested = !_preparing && name == "data_version";
        if (!s_withArgument.Contains(name) && !(reads && s_readable.Contains(name)))
        {
            return Refuse($"not authorized: PRAGMA {name}");
        }

        if (writer && !nested && !s_onWriter.Contains(name) && (reads || !s_onWriterWithArgument.Contains(name)))
        {
            return RefusePragma(name);
        }

        if (_preparing)
        {
            ReadsSetting = true;
            AsksForeignKeys |= name.Equals("foreign_keys", StringComparison.OrdinalIgnoreCase);
        }

        return Allow;
    }

    private int RefusePragma(string name) => Refuse($"not authorized: PRAGMA {name}{NodeFunctions.Refusal}");

    private int RefuseFunction(byte* name) => Refuse($"not authorized to use function: {Native.Text(name)}");

    private int RefuseTemporary() => Refuse("not authorized: temporary objects are not available");

    private int Refuse(string reason)
    {
        _reason = reason;
        return Deny;
    }

    private static ReadOnlySpan<byte> OwnPrefix => "_rqlite_"u8;

    private static ReadOnlySpan<byte> PragmaPrefix => "pragma_"u8;

    private static ReadOnlySpan<byte> TemporaryDatabase => "temp"u8;

    // A command that is a call of a function and has no columns is lowered to a DELETE on this table, which finds no row to delete.
    private static ReadOnlySpan<byte> CallTable => "_rqlite_call"u8;

    private static ReadOnlySpan<byte> LoadTable => "_rqlite_load"u8;

    private static bool IsOwnTable(byte* name) => IsName(name, "_rqlite_meta"u8) || IsName(name, "_rqlite_requests"u8)
        || IsName(name, "_rqlite_locks"u8) || IsName(name, "_rqlite_lock_tickets"u8);

    private static bool IsName(byte* name, ReadOnlySpan<byte> expected) => StartsWith(name, expected) && name[expected.Length] == 0;

    private static bool StartsWith(byte* name, ReadOnlySpan<byte> prefix)
    {
        if (name == null)
        {
            return false;
        }

        for (var i = 0; i < prefix.Length; i++)
        {
            // ASCII folding, as SQLite compares names; a terminating zero never equals a letter.
            var c = name[i];
            if ((c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20 : c) != prefix[i])
            {
                return false;
            }
        }

        return true;
    }
}
