using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// Registers the tables of <see cref="NodeSql"/> with a connection: eponymous virtual tables, which need no CREATE and leave no trace in the
/// schema. A scan reads rows that a delegate has made at its beginning.
/// </summary>
internal static unsafe class NodeTables
{
    private const int Innocuous = 2;

    // The module lives as long as the process, as SQLite wants it to outlive every connection.
    private static readonly Native.VirtualTableModule* s_module = CreateModule();

    public static void Register(Connection connection, NodeSql sql, bool writer)
    {
        foreach (var table in sql.Tables)
        {
            var bound = GCHandle.ToIntPtr(GCHandle.Alloc(new Bound(table, writer)));
            fixed (byte* name = Connection.Utf8(table.Name))
            {
                // SQLite frees the handle with the connection, or now if it refuses.
                connection.Check(
                    Native.sqlite3_create_module_v2(
                        connection.Handle, name, s_module, bound, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&FreeBound),
                    table.Name);
            }
        }
    }

    private static Native.VirtualTableModule* CreateModule()
    {
        var module = (Native.VirtualTableModule*)NativeMemory.AllocZeroed((nuint)sizeof(Native.VirtualTableModule));
        module->Connect = (nint)(delegate* unmanaged[Cdecl]<nint, nint, int, byte**, Table**, byte**, int>)&Connect;
        module->BestIndex = (nint)(delegate* unmanaged[Cdecl]<Table*, nint, int>)&BestIndex;
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
    private static int Connect(nint db, nint bound, int count, byte** arguments, Table** result, byte** error)
    {
        var (definition, writer) = Unsafe.As<Bound>(GCHandle.FromIntPtr(bound).Target!);
        if (writer)
        {
            *error = NodeValues.Allocate(definition.Name + NodeFunctions.Refusal);
            return ResultCode.Error;
        }

        fixed (byte* sql = Connection.Utf8($"CREATE TABLE x({definition.Columns})"))
        {
            var code = Native.sqlite3_declare_vtab(db, sql);
            if (code != ResultCode.Ok)
            {
                return code;
            }
        }

        _ = Native.sqlite3_vtab_config(db, Innocuous);
        var table = (Table*)Native.sqlite3_malloc64((ulong)sizeof(Table));
        if (table == null)
        {
            return ResultCode.NoMemory;
        }

        *table = new Table { Bound = bound };
        *result = table;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int BestIndex(Table* table, nint info) => ResultCode.Ok;

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

        *cursor = default;
        *result = cursor;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(Cursor* cursor)
    {
        FreeRows(cursor);
        Native.sqlite3_free(cursor);
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Filter(Cursor* cursor, int index, byte* name, int count, nint* arguments)
    {
        FreeRows(cursor);
        cursor->At = 0;
        try
        {
            var definition = Unsafe.As<Bound>(GCHandle.FromIntPtr(cursor->Table->Bound).Target!).Definition;
            cursor->Rows = GCHandle.ToIntPtr(GCHandle.Alloc(definition.Rows()));
            return ResultCode.Ok;
        }
        catch (Exception error)
        {
            // No exception may pass through SQLite.
            Native.sqlite3_free(cursor->Table->Error);
            cursor->Table->Error = NodeValues.Allocate(error.Message);
            return ResultCode.Error;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Next(Cursor* cursor)
    {
        cursor->At++;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Eof(Cursor* cursor) => cursor->Rows == 0 || cursor->At >= Rows(cursor).Count ? 1 : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Column(Cursor* cursor, nint context, int column)
    {
        try
        {
            NodeValues.Return(context, Rows(cursor)[(int)cursor->At][column]);
            return ResultCode.Ok;
        }
        catch (Exception error)
        {
            NodeValues.Fail(context, error.Message);
            return ResultCode.Error;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int RowId(Cursor* cursor, long* rowId)
    {
        *rowId = cursor->At;
        return ResultCode.Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeBound(nint bound) => GCHandle.FromIntPtr(bound).Free();

    private static IReadOnlyList<object?[]> Rows(Cursor* cursor) =>
        Unsafe.As<IReadOnlyList<object?[]>>(GCHandle.FromIntPtr(cursor->Rows).Target!);

    private static void FreeRows(Cursor* cursor)
    {
        if (cursor->Rows != 0)
        {
            GCHandle.FromIntPtr(cursor->Rows).Free();
            cursor->Rows = 0;
        }
    }

    private sealed record Bound(NodeTable Definition, bool Writer);

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
        public nint Rows;
        public long At;
    }
}
