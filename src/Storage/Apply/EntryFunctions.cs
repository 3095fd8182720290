using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>
/// On the writer, the SQL functions and the hook that make an entry's effects follow from the entry alone and that record its changes.
/// </summary>
internal static unsafe class EntryFunctions
{
    /// <param name="state">Must outlive the connection.</param>
    public static void Register(Connection connection, EntryState* state)
    {
        // Not deterministic in SQLite's sense, so that indexes and generated columns refuse them as they refuse the built-in ones.
        const int Flags = Native.FunctionUtf8 | Native.FunctionInnocuous;
        var db = connection.Handle;
        var context = (nint)state;
        fixed (byte* random = "random\0"u8, blob = "randomblob\0"u8, changes = "changes\0"u8, total = "total_changes\0"u8)
        {
            connection.Check(Native.sqlite3_create_function_v2(db, random, 0, Flags, context, &Random, 0, 0, 0), "random");
            connection.Check(Native.sqlite3_create_function_v2(db, blob, 1, Flags, context, &RandomBlob, 0, 0, 0), "randomblob");
            connection.Check(Native.sqlite3_create_function_v2(db, changes, 0, Flags, context, &Changes, 0, 0, 0), "changes");
            connection.Check(Native.sqlite3_create_function_v2(db, total, 0, Flags, context, &TotalChanges, 0, 0, 0), "total_changes");
        }

        _ = Native.sqlite3_preupdate_hook(db, &BeforeChange, context);
    }

    private static EntryState* State(nint context) => (EntryState*)Native.sqlite3_user_data(context);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Random(nint context, int count, nint* arguments)
    {
        var value = (long)State(context)->NextRandom();

        // As SQLite's own random(), without the one number that abs() fails on.
        Native.sqlite3_result_int64(context, value < 0 ? -(value & long.MaxValue) : value);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void RandomBlob(nint context, int count, nint* arguments)
    {
        var length = Math.Max(1, Native.sqlite3_value_int64(arguments[0]));
        if (length > Native.sqlite3_limit(Native.sqlite3_context_db_handle(context), Native.LimitLength, -1))
        {
            Native.sqlite3_result_error_toobig(context);
            return;
        }

        var blob = (byte*)Native.sqlite3_malloc64((ulong)length);
        if (blob == null)
        {
            Native.sqlite3_result_error_nomem(context);
            return;
        }

        var state = State(context);
        var random = 0UL;
        for (var i = 0; i < length; i++)
        {
            random = i % 8 == 0 ? state->NextRandom() : random >> 8;
            blob[i] = (byte)random;
        }

        Native.sqlite3_result_blob64(context, blob, (ulong)length, (nint)(delegate* unmanaged[Cdecl]<void*, void>)&Free);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* memory) => Native.sqlite3_free(memory);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Changes(nint context, int count, nint* arguments)
    {
        var db = Native.sqlite3_context_db_handle(context);
        Native.sqlite3_result_int64(context, State(context)->Changes(db));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void TotalChanges(nint context, int count, nint* arguments)
    {
        var db = Native.sqlite3_context_db_handle(context);
        Native.sqlite3_result_int64(context, State(context)->TotalChanges(db));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void BeforeChange(nint context, nint db, int operation, byte* database, byte* table, long oldRowId, long newRowId)
    {
        var state = (EntryState*)context;
        try
        {
            if (state->Own == 0)
            {
                AddChange(state, db, operation, table, oldRowId, newRowId);
                if (state->Guard != 0 && operation != Native.OperationDelete && (state->GuardsNested == 0 || Native.sqlite3_preupdate_depth(db) > 0))
                {
                    RowGuard.Of(state->Guard).See(db, table, operation == Native.OperationInsert);
                }
            }
        }
        catch (Exception)
        {
            // No exception may pass through SQLite.
            state->HookFailed = 1;
        }
    }

    private static void AddChange(EntryState* state, nint db, int operation, byte* table, long oldRowId, long newRowId)
    {
        state->Digest.Add((ulong)operation);
        state->Digest.Add(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(table));
        state->Digest.Add((ulong)oldRowId);
        if (operation == Native.OperationDelete)
        {
            return;
        }

        state->Digest.Add((ulong)newRowId);
        if (newRowId == long.MaxValue)
        {
            state->LargestRowId = 1;
        }

        var columns = Native.sqlite3_preupdate_count(db);
        for (var i = 0; i < columns; i++)
        {
            nint value;
            var code = Native.sqlite3_preupdate_new(db, i, &value);
            if (code == ResultCode.Range)
            {
                // A generated column that is not stored: it follows from the others.
                continue;
            }

            if (code != ResultCode.Ok)
            {
                state->HookFailed = 1;
                return;
            }

            AddValue(ref state->Digest, value);
        }
    }

    private static void AddValue(ref Mixer digest, nint value)
    {
        var storageClass = (StorageClass)Native.sqlite3_value_type(value);
        digest.Add((ulong)storageClass);
        switch (storageClass)
        {
            case StorageClass.Integer:
                digest.Add((ulong)Native.sqlite3_value_int64(value));
                break;
            case StorageClass.Real:
                digest.Add(BitConverter.DoubleToUInt64Bits(Native.sqlite3_value_double(value)));
                break;
            case StorageClass.Text:
            case StorageClass.Blob:
                var bytes = Native.sqlite3_value_blob(value);
                digest.Add(new ReadOnlySpan<byte>(bytes, Native.sqlite3_value_bytes(value)));
                break;
        }
    }
}
