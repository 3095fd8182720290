using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Refuses what a client's statement may not do: leave the database file, end or begin transactions, change settings, touch our own
/// tables. SQLite asks while it prepares. On the writer it is stricter, since there an answer must be the same on every node.
/// </summary>
internal sealed unsafe class Authorizer(bool writer, NodeSql node) : IDisposable
{
    private const int Allow = 0;
    private const int Deny = 1;

    // Reading forms. A pragma with an argument is refused unless it is one of the second set.
    private static readonly FrozenSet<string> s_readable = new[]
    {
        "application_id", "auto_vacuum", "cache_size", "collation_list", "compile_options", "data_version", "defer_foreign_keys", "encoding",
        "foreign_keys", "freelist_count", "function_list", "ignore_check_constraints", "journal_mode", "journal_size_limit", "legacy_alter_table",
        "locking_mode", "max_page_count", "mmap_size", "module_list", "page_count", "page_size", "pragma_list", "query_only",
        "read_uncommitted", "recursive_triggers", "reverse_unordered_selects", "schema_version", "secure_delete", "synchronous", "temp_store",
        "trusted_schema", "user_version", "wal_autocheckpoint", "foreign_key_check", "integrity_check", "quick_check", "table_list",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_withArgument = new[]
    {
        "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check", "quick_check", "table_info",
        "table_list", "table_xinfo",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // What follows from the schema and the rows alone; the rest may differ from node to node.
    private static readonly FrozenSet<string> s_onWriter = new[]
    {
        "application_id", "collation_list", "compile_options", "encoding", "foreign_keys", "foreign_key_check", "foreign_key_list", "index_info", "page_size",
        "index_list", "index_xinfo", "integrity_check", "quick_check", "table_info", "table_list", "table_xinfo", "user_version",
        "function_list", "module_list", "pragma_list", "journal_mode", "synchronous", "recursive_triggers", "defer_foreign_keys",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> s_modules = new[]
    {
        "fts3", "fts4", "fts4aux", "fts5", "fts5vocab", "rtree", "rtree_i32", "geopoly",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private GCHandle _self;
    private bool _own;
    private bool _preparing;
    private bool _changesSchema;
    private string? _reason;

    /// <summary>An ANALYZE was prepared since this was last cleared.</summary>
    public bool SawAnalyze { get; set; }

    /// <summary>What the functions do that the statement names which was prepared last.</summary>
    public StatementEffects Effects { get; private set; }

    /// <summary>The statement prepared last changes the schema.</summary>
    public bool ChangesSchema => _changesSchema;

    /// <summary>What the answer of the statement prepared last may depend on.</summary>
    public AnswerSources Sources { get; private set; }

    /// <summary>A CREATE VIRTUAL TABLE was prepared.</summary>
    public bool SawVirtualTable { get; private set; }

    /// <summary>What is being prepared names something of <see cref="NodeSql"/> that is not the same everywhere.</summary>
    public bool UsesNode { get; private set; }

    /// <summary>What is being prepared reads the database.</summary>
    public bool UsesTables { get; private set; }

    public void Install(Connection connection)
    {
        _self = GCHandle.Alloc(this);
        connection.Check(Native.sqlite3_set_authorizer(connection.Handle, &Ask, GCHandle.ToIntPtr(_self)), "authorizer");
    }

    /// <summary>Call before each statement that a client wrote is prepared.</summary>
    public void Begin()
    {
        _preparing = true;
        UsesNode = false;
        UsesTables = false;
        _changesSchema = false;
        _reason = null;
        Effects = StatementEffects.None;
        Sources = AnswerSources.None;
    }

    /// <summary>Call when it is prepared. What is asked later comes from within a step: from a virtual table's own statements.</summary>
    public void End() => _preparing = false;

    public bool EnterOwn()
    {
        var outer = _own;
        _own = true;
        return outer;
    }

    public void LeaveOwn(bool outer) => _own = outer;

    /// <summary>Why the last statement was refused, if it was this object that refused it.</summary>
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
        return authorizer._own ? Allow : authorizer.Decide((AuthorizerAction)action, first, second);
    }

    private int Decide(AuthorizerAction action, byte* first, byte* second)
    {
        switch (action)
        {
            case AuthorizerAction.Read:
                return DecideRead(first);

            case AuthorizerAction.Insert:
            case AuthorizerAction.Update:
            case AuthorizerAction.Delete:
                return DecideChange(action, first);

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
                return DecideDefinition(action, first, second);

            case AuthorizerAction.Analyze:
                _changesSchema = true;
                SawAnalyze = true;
                return Allow;

            case AuthorizerAction.CreateVirtualTable:
                _changesSchema = true;
                SawVirtualTable = true;
                return s_modules.Contains(Native.Text(second)) && !StartsWith(first, OwnPrefix) ? Allow : Refuse("this virtual table module is not authorized");

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
                return Refuse("not authorized: temporary objects are not available");

            case AuthorizerAction.Select:
            case AuthorizerAction.Recursive:
            case AuthorizerAction.Reindex:
                return Allow;

            default:
                return Refuse("not authorized");
        }
    }

    // SQLite names what a statement does, and of savepoints by the verbs of transactions.
    private static string TransactionVerb(AuthorizerAction action, string operation) =>
        action == AuthorizerAction.Transaction ? operation : operation switch
        {
            "BEGIN" => "SAVEPOINT",
            "ROLLBACK" => "ROLLBACK TO",
            _ => operation,
        };

    private int DecideRead(byte* table)
    {
        if (_preparing)
        {
            var ofNode = node.Tables.Count > 0 && node.HasTable(Native.Text(table));
            UsesNode |= ofNode;
            UsesTables |= !ofNode;
            Sources |= AnswerSources.Tables;
        }

        return DecideTable(table);
    }

    private int DecideTable(byte* table) =>
        IsOwnTable(table) ? Refuse("not authorized: an internal table cannot be read")
        : writer && IsName(table, "pragma_data_version"u8) ? Refuse("not authorized: PRAGMA data_version")
        : Allow;

    private int DecideChange(AuthorizerAction action, byte* table)
    {
        if (StartsWith(table, OwnPrefix) && !(action == AuthorizerAction.Delete && IsName(table, CallTable)))
        {
            return Refuse("not authorized: an internal table cannot be changed");
        }

        // Statistics may only come from ANALYZE: a connection reads them when it is opened, so other writes would be seen by some nodes
        // and not by others. Dropping a table also deletes its rows there, by a statement nested in one that changes the schema.
        return !_changesSchema && StartsWith(table, "sqlite_stat"u8) ? Refuse("not authorized: statistics are written by ANALYZE only") : Allow;
    }

    private int DecideDefinition(AuthorizerAction action, byte* first, byte* second)
    {
        _changesSchema = true;
        var altered = action == AuthorizerAction.AlterTable ? second : first;
        var onTable = action is AuthorizerAction.CreateIndex or AuthorizerAction.CreateTrigger ? second : null;
        return StartsWith(altered, OwnPrefix) || StartsWith(onTable, OwnPrefix) ? Refuse("not authorized: names beginning with _rqlite_ are reserved") : Allow;
    }

    private int DecideFunction(byte* name)
    {
        if (_preparing)
        {
            Effects |= EffectFunctions.Of(name);
            UsesNode |= node.Functions.Count > 0 && node.HasFunction(Native.Text(name));
            Sources |= IsName(name, "random"u8) || IsName(name, "randomblob"u8) ? AnswerSources.Random : AnswerSources.None;
        }

        return IsName(name, "load_extension"u8) || IsName(name, "fts3_tokenizer"u8) || IsName(name, "sqlite_log"u8)
            ? Refuse($"not authorized to use function: {Native.Text(name)}")
            : Allow;
    }

    private int DecidePragma(string name, bool reads)
    {
        // FTS5 asks for it from within a step, to see whether others have written.
        var nested = !_preparing && name == "data_version";
        var allowed = (reads ? s_readable : s_withArgument).Contains(name) && (!writer || nested || s_onWriter.Contains(name));
        return allowed ? Allow : Refuse($"not authorized: PRAGMA {name}");
    }

    private int Refuse(string reason)
    {
        _reason = reason;
        return Deny;
    }

    private static ReadOnlySpan<byte> OwnPrefix => "_rqlite_"u8;

    // A command that is a call of a function and has no columns is written as a DELETE that finds nothing to delete here.
    private static ReadOnlySpan<byte> CallTable => "_rqlite_call"u8;

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
