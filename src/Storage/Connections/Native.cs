using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>The C interface of the bundled SQLite, as far as it is used; handles are plain pointers owned by <see cref="Connection"/> and <see cref="StatementHandle"/>.</summary>
/// <remarks>
/// The GC transition is suppressed only for getters that are short, never block and never call back: neither our functions and hooks, as
/// stepping and preparing do, nor <see cref="SqliteMemory"/>, as everything does that may allocate or free. Either would end the process.
/// </remarks>
internal static unsafe partial class Native
{
    private const string Library = "e_sqlite3";

    /// <summary>glibc's; other C libraries have none.</summary>
    [DllImport("libc")]
    public static extern int malloc_trim(nuint padding);

    /// <summary>Variadic in C; the option used here takes one int.</summary>
    [DllImport(Library)]
    public static extern int sqlite3_config(int option, int value);

    /// <summary>Variadic in C; the option used here takes one pointer.</summary>
    [DllImport(Library)]
    public static extern int sqlite3_config(int option, MemoryMethods* methods);

    [DllImport(Library)]
    public static extern int sqlite3_open_v2(byte* name, nint* db, int flags, byte* vfs);

    [DllImport(Library)]
    public static extern int sqlite3_close(nint db);

    [DllImport(Library)]
    public static extern int sqlite3_load_extension(nint db, byte* file, byte* entryPoint, byte** error);

    [DllImport(Library)]
    public static extern int sqlite3_extended_result_codes(nint db, int on);

    [DllImport(Library)]
    public static extern int sqlite3_extended_errcode(nint db);

    [DllImport(Library)]
    public static extern byte* sqlite3_errmsg(nint db);

    [DllImport(Library)]
    public static extern byte* sqlite3_errstr(int code);

    [DllImport(Library)]
    public static extern int sqlite3_error_offset(nint db);

    [DllImport(Library)]
    public static extern int sqlite3_busy_timeout(nint db, int milliseconds);

    [DllImport(Library)]
    public static extern int sqlite3_limit(nint db, int id, int value);

    /// <summary>Variadic in C; every option used here takes an int and an int pointer, which the platforms we run on pass alike.</summary>
    [DllImport(Library)]
    public static extern int sqlite3_db_config(nint db, int option, int value, int* result);

    [DllImport(Library)]
    public static extern void sqlite3_interrupt(nint db);

    [DllImport(Library)]
    public static extern int sqlite3_db_status(nint db, int option, int* current, int* highest, int reset);

    [DllImport(Library)]
    public static extern int sqlite3_file_control(nint db, byte* name, int option, void* argument);

    [DllImport(Library)]
    public static extern int sqlite3_wal_checkpoint_v2(nint db, byte* name, int mode, int* log, int* checkpointed);

    [DllImport(Library)]
    public static extern nint sqlite3_wal_hook(nint db, delegate* unmanaged[Cdecl]<nint, nint, byte*, int, int> hook, nint context);

    [DllImport(Library)]
    public static extern int sqlite3_prepare_v3(nint db, byte* sql, int length, uint flags, nint* statement, byte** tail);

    [DllImport(Library)]
    public static extern int sqlite3_step(nint statement);

    [DllImport(Library)]
    public static extern int sqlite3_reset(nint statement);

    [DllImport(Library)]
    public static extern int sqlite3_finalize(nint statement);

    [DllImport(Library)]
    public static extern int sqlite3_clear_bindings(nint statement);

    [DllImport(Library)]
    public static extern int sqlite3_stmt_readonly(nint statement);

    [DllImport(Library)]
    public static extern int sqlite3_stmt_isexplain(nint statement);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_stmt_status(nint statement, int option, int reset);

    [DllImport(Library)]
    public static extern int sqlite3_bind_parameter_count(nint statement);

    [DllImport(Library)]
    public static extern byte* sqlite3_bind_parameter_name(nint statement, int index);

    /// <summary>Frees the value that was bound before, so the transition is kept.</summary>
    [DllImport(Library)]
    public static extern int sqlite3_bind_int64(nint statement, int index, long value);

    [DllImport(Library)]
    public static extern int sqlite3_bind_double(nint statement, int index, double value);

    [DllImport(Library)]
    public static extern int sqlite3_bind_null(nint statement, int index);

    [DllImport(Library)]
    public static extern int sqlite3_bind_text(nint statement, int index, byte* text, int length, nint destructor);

    [DllImport(Library)]
    public static extern int sqlite3_bind_blob(nint statement, int index, byte* bytes, int length, nint destructor);

    [DllImport(Library)]
    public static extern int sqlite3_bind_pointer(nint statement, int index, void* pointer, byte* type, nint destructor);

    [DllImport(Library)]
    public static extern int sqlite3_bind_value(nint statement, int index, nint value);

    [DllImport(Library)]
    public static extern nint sqlite3_column_value(nint statement, int column);

    [DllImport(Library)]
    public static extern void sqlite3_result_subtype(nint context, uint subtype);

    [DllImport(Library)]
    public static extern int sqlite3_column_count(nint statement);

    [DllImport(Library)]
    public static extern byte* sqlite3_column_name(nint statement, int column);

    [DllImport(Library)]
    public static extern byte* sqlite3_column_decltype(nint statement, int column);

    [DllImport(Library)]
    public static extern byte* sqlite3_column_table_name(nint statement, int column);

    [DllImport(Library)]
    public static extern byte* sqlite3_column_origin_name(nint statement, int column);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_column_type(nint statement, int column);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern long sqlite3_column_int64(nint statement, int column);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern double sqlite3_column_double(nint statement, int column);

    /// <summary>Of a blob value this expands zeroblobs, so the transition is kept.</summary>
    [DllImport(Library)]
    public static extern byte* sqlite3_column_blob(nint statement, int column);

    /// <summary>Called only for a TEXT value in an UTF-8 database, where SQLite hands out a pointer or adds a terminating zero.</summary>
    [DllImport(Library)]
    public static extern byte* sqlite3_column_text(nint statement, int column);

    /// <summary>
    /// Called only after <see cref="sqlite3_column_text"/> or <see cref="sqlite3_column_blob"/>, which have done all that could allocate.
    /// </summary>
    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_column_bytes(nint statement, int column);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern long sqlite3_changes64(nint db);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern long sqlite3_total_changes64(nint db);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern long sqlite3_last_insert_rowid(nint db);

    [DllImport(Library)]
    public static extern void sqlite3_set_last_insert_rowid(nint db, long rowid);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_get_autocommit(nint db);

    [DllImport(Library)]
    public static extern void sqlite3_progress_handler(nint db, int instructions, delegate* unmanaged[Cdecl]<nint, int> handler, nint context);

    [DllImport(Library)]
    public static extern int sqlite3_set_authorizer(
        nint db, delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, byte*, byte*, int> authorizer, nint context);

    [DllImport(Library)]
    public static extern nint sqlite3_preupdate_hook(
        nint db, delegate* unmanaged[Cdecl]<nint, nint, int, byte*, byte*, long, long, void> hook, nint context);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_preupdate_count(nint db);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_preupdate_depth(nint db);

    [DllImport(Library)]
    public static extern int sqlite3_preupdate_new(nint db, int column, nint* value);

    [DllImport(Library)]
    public static extern int sqlite3_create_function_v2(
        nint db,
        byte* name,
        int arity,
        int flags,
        nint context,
        delegate* unmanaged[Cdecl]<nint, int, nint*, void> function,
        nint step,
        nint final,
        nint destroy);

    [DllImport(Library)]
    public static extern int sqlite3_create_window_function(
        nint db,
        byte* name,
        int arity,
        int flags,
        nint context,
        delegate* unmanaged[Cdecl]<nint, int, nint*, void> step,
        delegate* unmanaged[Cdecl]<nint, void> final,
        delegate* unmanaged[Cdecl]<nint, void> value,
        delegate* unmanaged[Cdecl]<nint, int, nint*, void> inverse,
        nint destroy);

    [DllImport(Library)]
    public static extern int sqlite3_create_collation_v2(
        nint db, byte* name, int encoding, nint context, delegate* unmanaged[Cdecl]<nint, int, byte*, int, byte*, int> compare, nint destroy);

    /// <summary>Memory of the group that the call belongs to, zeroed at first; null if there is none yet and 0 bytes are asked for.</summary>
    [DllImport(Library)]
    public static extern void* sqlite3_aggregate_context(nint context, int bytes);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern nint sqlite3_user_data(nint context);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern int sqlite3_value_type(nint value);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern long sqlite3_value_int64(nint value);

    [DllImport(Library)]
    [SuppressGCTransition]
    public static extern double sqlite3_value_double(nint value);

    [DllImport(Library)]
    public static extern byte* sqlite3_value_text(nint value);

    [DllImport(Library)]
    public static extern byte* sqlite3_value_blob(nint value);

    [DllImport(Library)]
    public static extern int sqlite3_value_bytes(nint value);

    [DllImport(Library)]
    public static extern void sqlite3_result_int64(nint context, long value);

    [DllImport(Library)]
    public static extern void sqlite3_result_double(nint context, double value);

    [DllImport(Library)]
    public static extern int sqlite3_create_module_v2(nint db, byte* name, VirtualTableModule* module, nint context, nint destroy);

    [DllImport(Library)]
    public static extern int sqlite3_declare_vtab(nint db, byte* sql);

    /// <summary>Variadic in C; the option used here takes nothing.</summary>
    [DllImport(Library)]
    public static extern int sqlite3_vtab_config(nint db, int option);

    /// <summary>The collation of a constraint that <c>xBestIndex</c> is shown.</summary>
    [DllImport(Library)]
    public static extern byte* sqlite3_vtab_collation(TableIndex* index, int constraint);

    /// <summary>A copy that outlives the call; null without memory.</summary>
    [DllImport(Library)]
    public static extern nint sqlite3_value_dup(nint value);

    [DllImport(Library)]
    public static extern void sqlite3_value_free(nint value);

    [DllImport(Library)]
    public static extern void sqlite3_result_null(nint context);

    [DllImport(Library)]
    public static extern void sqlite3_result_value(nint context, nint value);

    [DllImport(Library)]
    public static extern void sqlite3_result_text64(nint context, byte* text, ulong length, nint destructor, byte encoding);

    [DllImport(Library)]
    public static extern void sqlite3_result_blob64(nint context, byte* bytes, ulong length, nint destructor);

    [DllImport(Library)]
    public static extern void sqlite3_result_error(nint context, byte* message, int length);

    [DllImport(Library)]
    public static extern void sqlite3_result_error_code(nint context, int code);

    [DllImport(Library)]
    public static extern void sqlite3_result_error_toobig(nint context);

    [DllImport(Library)]
    public static extern void sqlite3_result_error_nomem(nint context);

    [DllImport(Library)]
    public static extern nint sqlite3_context_db_handle(nint context);

    [DllImport(Library)]
    public static extern void* sqlite3_malloc64(ulong length);

    [DllImport(Library)]
    public static extern void sqlite3_free(void* memory);

    [DllImport(Library)]
    public static extern VirtualFileSystem* sqlite3_vfs_find(byte* name);

    [DllImport(Library)]
    public static extern int sqlite3_vfs_register(VirtualFileSystem* vfs, int makeDefault);

    [DllImport(Library)]
    public static extern int sqlite3_vfs_unregister(VirtualFileSystem* vfs);

    [DllImport(Library)]
    public static extern byte* sqlite3_libversion();

    [DllImport(Library)]
    public static extern byte* sqlite3_sourceid();

    [DllImport("libc", EntryPoint = "setenv")]
    public static extern int SetEnvironment(byte* name, byte* value, int overwrite);

    [DllImport("libc", EntryPoint = "getenv")]
    public static extern byte* GetEnvironment(byte* name);

    [DllImport("libc", EntryPoint = "tzset")]
    public static extern void ReadTimeZone();

    [DllImport("libc", EntryPoint = "malloc")]
    public static extern long* Malloc(nuint length);

    [DllImport("libc", EntryPoint = "realloc")]
    public static extern long* Realloc(void* block, nuint length);

    [DllImport("libc", EntryPoint = "free")]
    public static extern void Free(void* block);

    [DllImport("libc", EntryPoint = "malloc")]
    [SuppressGCTransition]
    public static extern long* QuickMalloc(nuint length);

    [DllImport("libc", EntryPoint = "realloc")]
    [SuppressGCTransition]
    public static extern long* QuickRealloc(void* block, nuint length);

    [DllImport("libc", EntryPoint = "free")]
    [SuppressGCTransition]
    public static extern void QuickFree(void* block);

    public static string Text(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    public static string? TextOrNull(byte* utf8) => Marshal.PtrToStringUTF8((nint)utf8);

    /// <summary>The structure <c>sqlite3_mem_methods</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MemoryMethods
    {
        public delegate* unmanaged[Cdecl]<int, void*> Allocate;
        public delegate* unmanaged[Cdecl]<void*, void> Free;
        public delegate* unmanaged[Cdecl]<void*, int, void*> Reallocate;
        public delegate* unmanaged[Cdecl]<void*, int> Size;
        public delegate* unmanaged[Cdecl]<int, int> RoundUp;
        public delegate* unmanaged[Cdecl]<void*, int> Initialize;
        public delegate* unmanaged[Cdecl]<void*, void> Shutdown;
        public nint Context;
    }

    /// <summary>The structure <c>sqlite3_module</c>, version 0, with room for the members of later versions.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct VirtualTableModule
    {
        public int Version;
        public nint Create;
        public nint Connect;
        public nint BestIndex;
        public nint Disconnect;
        public nint Destroy;
        public nint Open;
        public nint Close;
        public nint Filter;
        public nint Next;
        public nint Eof;
        public nint Column;
        public nint RowId;
        public nint Update;
        public nint Begin;
        public nint Sync;
        public nint Commit;
        public nint Rollback;
        public nint FindFunction;
        public nint Rename;
        public nint Savepoint;
        public nint Release;
        public nint RollbackTo;
        public nint ShadowName;
        public nint Integrity;
    }

    /// <summary>The structure <c>sqlite3_index_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TableIndex
    {
        public int ConstraintCount;
        public TableConstraint* Constraints;
        public int OrderCount;
        public nint Order;
        public TableConstraintUse* Uses;
        public int Number;
        public byte* Text;
        public int FreesText;
        public int OrderConsumed;
        public double Cost;
        public long Rows;
        public int Flags;
        public ulong ColumnsUsed;
    }

    /// <summary>The structure <c>sqlite3_index_constraint</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TableConstraint
    {
        public int Column;
        public byte Operator;
        public byte Usable;
        public int TermOffset;
    }

    /// <summary>The structure <c>sqlite3_index_constraint_usage</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TableConstraintUse
    {
        public int Argument;
        public byte Omit;
    }

    /// <summary>The structure <c>sqlite3_vfs</c>, version 3.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct VirtualFileSystem
    {
        public int Version;
        public int FileSize;
        public int PathMax;
        public VirtualFileSystem* Next;
        public byte* Name;
        public nint Data;
        public delegate* unmanaged[Cdecl]<VirtualFileSystem*, byte*, nint*, int, int*, int> Open;
        public nint Delete;
        public nint Access;
        public nint FullPathname;
        public nint LibraryOpen;
        public nint LibraryError;
        public nint LibrarySymbol;
        public nint LibraryClose;
        public nint Randomness;
        public nint Sleep;
        public delegate* unmanaged[Cdecl]<VirtualFileSystem*, double*, int> CurrentTime;
        public nint LastError;
        public delegate* unmanaged[Cdecl]<VirtualFileSystem*, long*, int> CurrentTimeInt64;
        public nint SetSystemCall;
        public nint GetSystemCall;
        public nint NextSystemCall;
    }
}
