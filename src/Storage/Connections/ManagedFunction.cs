using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>SQL functions that receive a managed object.</summary>
internal static unsafe class ManagedFunction
{
    /// <param name="target">The object that <see cref="Target{T}"/> returns in <paramref name="call"/>; kept until the connection is closed.</param>
    /// <param name="flags">SQLite's flags, besides the encoding.</param>
    public static void Register(
        Connection connection, string name, int arity, int flags, object target, delegate* unmanaged[Cdecl]<nint, int, nint*, void> call)
    {
        var handle = GCHandle.ToIntPtr(GCHandle.Alloc(target));
        fixed (byte* text = Connection.Utf8(name))
        {
            // SQLite frees the handle with the connection, or now if it refuses.
            connection.Check(
                Native.sqlite3_create_function_v2(
                    connection.Handle, text, arity, Native.FunctionUtf8 | flags, handle, call, 0, 0,
                    (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Free),
                name);
        }
    }

    public static T Target<T>(nint context)
        where T : class => Unsafe.As<T>(GCHandle.FromIntPtr(Native.sqlite3_user_data(context)).Target!);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint handle) => GCHandle.FromIntPtr(handle).Free();
}
