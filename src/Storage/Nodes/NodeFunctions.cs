using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>Makes the functions of <see cref="NodeSql"/> known to a connection.</summary>
internal static unsafe class NodeFunctions
{
    /// <summary>How a refusal ends whose reason is that the log may not depend on one node.</summary>
    public const string Refusal = " differs from node to node and cannot be used in a statement that goes through the log";

    public static void Register(Connection connection, NodeSql sql, bool writer)
    {
        foreach (var function in sql.Functions)
        {
            var bound = GCHandle.ToIntPtr(GCHandle.Alloc(new Bound(function, writer)));
            var flags = Native.FunctionUtf8 | Native.FunctionInnocuous | (function.Pure ? Native.FunctionDeterministic : 0);
            fixed (byte* name = Connection.Utf8(function.Name))
            {
                // SQLite frees the handle with the connection, or now if it refuses.
                connection.Check(
                    Native.sqlite3_create_function_v2(
                        connection.Handle, name, function.Arity, flags, bound, &Call, 0, 0, (nint)(delegate* unmanaged[Cdecl]<nint, void>)&Free),
                    function.Name);
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint context, int count, nint* arguments)
    {
        try
        {
            var (function, writer) = Unsafe.As<Bound>(GCHandle.FromIntPtr(Native.sqlite3_user_data(context)).Target!);
            if (writer && !function.Pure)
            {
                NodeValues.Return(context, function.OnWriter ?? throw new NodeSqlException(function.Name + "()" + Refusal));
                return;
            }

            var values = count == 0 ? [] : new object?[count];
            for (var i = 0; i < count; i++)
            {
                values[i] = NodeValues.Read(arguments[i]);
            }

            NodeValues.Return(context, function.Body(values));
        }
        catch (Exception error)
        {
            // No exception may pass through SQLite.
            NodeValues.Fail(context, error.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(nint bound) => GCHandle.FromIntPtr(bound).Free();

    private sealed record Bound(NodeFunction Function, bool Writer);
}
