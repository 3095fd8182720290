using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// The virtual tables of a connection: those of <see cref="SqlExtensions"/> and of <see cref="NodeSql"/>. They are eponymous, so they need no
/// CREATE and leave no trace in the schema. The arguments of a function are hidden columns behind the others.
/// </summary>
internal static unsafe class VirtualTables
{
    // The module lives as long as the process, as SQLite wants it to outlive every connection.
    private static readonly Native.VirtualTableModule* s_module = CreateModule();

    public static void Register(Connection connection, StorageOptions options, bool writer)
    {
        var errors = new ExtensionErrors(connection.Context, options.Sql.Translate);
        foreach (var table in options.Node.Tables)
        {
            Register(connection, new(new NodeTableRows(table), connection.Context, errors)
            {
                Refusal = writer ? table.Name + NodeFunctions.Refusal : null,
            });
        }

        foreach (var table in options.Sql.Tables)
        {
            Register(connection, new(table, connection.Context, errors));
        }
    }

    private static void Register(Connection connection, BoundTable table)
    {
        var handle = GCHandle.ToIntPtr(GCHandle.Alloc(table));
        fixed (byte* name = Connection.Utf8(table.Definition.Name))
        {
            // SQLite frees the handle with the connection, or now if it refuses.
            connection.Check(
                Native.sqlite3_create_module_v2(
                    connection.Handle, name, s_module, handle, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&FreeBound),
                table.Definition.Name);
        }
    }

    private static Native.VirtualTableModule* CreateModule()
    {
        var module = (Native.VirtualTableModule*)NativeMemory.AllocZeroed((nuint)sizeof(Native.VirtualTableModule));
        module->Connect = (nint)(delegate* unmanaged[Cdecl]<nint, nint, int, byte**, Table**, byte**, int>)&Connect;
        module->BestIndex = (nint)(delegate* unmanaged[Cdecl]<Table*, Native.TableIndex*, int>)&BestIndex;
        module->Disconnect = (nint)(delegate* unmanaged[Cdecl]<Table*, int>)&Disconnect;
        module->Open = (nint)(delegate* unmanaged[Cdecl]<Table*, Cursor**, int>)&Open;
        module->Close = (nint)(delegate* unmanaged[Cdecl]<Cursor*, int>)&Close;
        module->Filter = (nint)(delegate* unmanaged[Cdecl]<Cursor*, int, byte*, int, nint*, int>)&Filter;
        module->Next = (nint)(delegate* unmanaged[Cdecl]<Cursor*, int>)&Next;
        module->Eof = (nint)(delegate* unmanaged[Cdecl]<Cursor*, int>)&Eof;
        module->Column = (nint)(delegate* unmanaged[Cdecl]<Cursor*, nint, int, int>)&Column;
        module->RowId = (nint)(delegate* unmanaged[Cdecl]<Cursor*, long*, int>)&RowId;
        return module;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Connect(nint db, nint handle, int count, byte** arguments, Table** result, byte** error)
    {
        var bound = Unsafe.As<BoundTable>(GCHandle.FromIntPtr(handle).Target!);
        if (bound.Refusal is { } refusal)
        {
            *error = NodeValues.Allocate(refusal);
            return ResultCode.Error;
        }

        fixed (byte* sql = bound.Declaration)
        {
            var code = Native.sqlite3_declare_vtab(db, sql);
            if (code != ResultCode.Ok)
            {
                return code;
            }
        }

        _ = Native.sqlite3_vtab_config(db, Native.TableInnocuous);
        var table = (Table*)Native.sqlite3_malloc64((ulong)sizeof(Table));
        if (table == null)
        {
            return ResultCode.NoMemory;
        }

        *table = new Table { Bound = handle };
        *result = table;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int BestIndex(Table* table, Native.TableIndex* index)
    {
        try
        {
            return BoundOf(table).Choose(index);
        }
        catch (Exception e)
        {
            return Fail(table, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Disconnect(Table* table)
    {
        Native.sqlite3_free(table);
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(Table* table, Cursor** result)
    {
        var cursor = (Cursor*)Native.sqlite3_malloc64((ulong)sizeof(Cursor));
        if (cursor == null)
        {
            return ResultCode.NoMemory;
        }

        *cursor = new Cursor { Scan = GCHandle.ToIntPtr(GCHandle.Alloc(new TableScan(BoundOf(table)))) };
        *result = cursor;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(Cursor* cursor)
    {
        try
        {
            ScanOf(cursor).Dispose();
        }
        catch (Exception)
        {
            // The statement has ended with its result, which the end of a scan does not change.
        }

        GCHandle.FromIntPtr(cursor->Scan).Free();
        Native.sqlite3_free(cursor);
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Filter(Cursor* cursor, int number, byte* text, int count, nint* arguments)
    {
        try
        {
            ScanOf(cursor).Begin(number, count, arguments);
            return ResultCode.Ok;
        }
        catch (Exception e)
        {
            return Fail(cursor->Table, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Next(Cursor* cursor)
    {
        try
        {
            ScanOf(cursor).Read();
            return ResultCode.Ok;
        }
        catch (Exception e)
        {
            return Fail(cursor->Table, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Eof(Cursor* cursor) => ScanOf(cursor).Ended ? 1 : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Column(Cursor* cursor, nint context, int column)
    {
        var bound = BoundOf(cursor->Table);
        var answer = new FunctionCall(context, 0, null, bound.Context);
        try
        {
            ScanOf(cursor).Column(column, context, answer);
        }
        catch (Exception e)
        {
            bound.Errors.Fail(answer, e);
        }

        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RowId(Cursor* cursor, long* rowId)
    {
        *rowId = ScanOf(cursor).At;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeBound(nint bound) => GCHandle.FromIntPtr(bound).Free();

    // No exception may pass through SQLite.
    private static int Fail(Table* table, Exception exception)
    {
        var (code, message) = BoundOf(table).Errors.Take(exception);
        Native.sqlite3_free(table->Error);
        table->Error = NodeValues.Allocate(message);
        return code;
    }

    private static BoundTable BoundOf(Table* table) => Unsafe.As<BoundTable>(GCHandle.FromIntPtr(table->Bound).Target!);

    private static TableScan ScanOf(Cursor* cursor) => Unsafe.As<TableScan>(GCHandle.FromIntPtr(cursor->Scan).Target!);

    /// <summary>SQLite's <c>sqlite3_vtab</c>, followed by our own fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Table
    {
        public nint Module;
        public int References;
        public byte* Error;
        public nint Bound;
    }

    /// <summary>SQLite's <c>sqlite3_vtab_cursor</c>, followed by our own fields.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Cursor
    {
        public Table* Table;
        public nint Scan;
    }
}
