using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Puts a function in the place of SQLite's own <c>abs</c> on one writer, which answers wrongly as soon as a test wants it.</summary>
internal sealed unsafe class PlantedFunction : IDisposable
{
    private const int Utf8 = 1;

    private readonly long* _error = (long*)NativeMemory.AllocZeroed(sizeof(long));

    public PlantedFunction(Writer writer) =>
        Assert.Equal(0, sqlite3_create_function_v2(writer.Connection.Handle, "abs", 1, Utf8, (nint)_error, &Run, null, null, null));

    /// <summary>What is added to each answer.</summary>
    public long Error
    {
        get => Volatile.Read(ref *_error);
        set => Volatile.Write(ref *_error, value);
    }

    /// <summary>Only when the writer is closed.</summary>
    public void Dispose() => NativeMemory.Free(_error);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Run(nint context, int count, nint* values) =>
        sqlite3_result_int64(context, Math.Abs(sqlite3_value_int64(values[0])) + Volatile.Read(ref *(long*)sqlite3_user_data(context)));

    [DllImport("e_sqlite3", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int sqlite3_create_function_v2(
        nint db, string name, int arguments, int encoding, nint data, delegate* unmanaged[Cdecl]<nint, int, nint*, void> function,
        void* step, void* final, void* destroy);

    [DllImport("e_sqlite3")]
    private static extern long sqlite3_value_int64(nint value);

    [DllImport("e_sqlite3")]
    private static extern void sqlite3_result_int64(nint context, long value);

    [DllImport("e_sqlite3")]
    private static extern nint sqlite3_user_data(nint context);
}
