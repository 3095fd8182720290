using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>Registers the functions of <see cref="NodeSql"/> with a connection.</summary>
internal static unsafe class NodeFunctions
{
    /// <summary>The end of a refusal whose reason is that the log may not depend on one node.</summary>
    public const string Refusal = " differs from node to node and cannot be used in a statement that goes through the log";

    public static void Register(Connection connection, NodeSql sql, bool writer)
    {
        foreach (var function in sql.Functions)
        {
            var flags = Native.FunctionInnocuous | (function.Pure ? Native.FunctionDeterministic : 0);
            ManagedFunction.Register(connection, function.Name, function.Arity, flags, new Bound(function, writer), &Call);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint context, int count, nint* arguments)
    {
        try
        {
            var (function, writer) = ManagedFunction.Target<Bound>(context);
            if (writer && !function.Pure)
            {
                NodeValues.Return(new FunctionCall(context, 0, null), function.OnWriter ?? throw new NodeSqlException(function.Name + "()" + Refusal));
                return;
            }

            var values = count == 0 ? [] : new object?[count];
            for (var i = 0; i < count; i++)
            {
                values[i] = NodeValues.Read(arguments[i]);
            }

            NodeValues.Return(new FunctionCall(context, 0, null), function.Body(values));
        }
        catch (Exception error)
        {
            // No exception may pass through SQLite.
            NodeValues.Fail(context, error.Message);
        }
    }

    private sealed record Bound(NodeFunction Function, bool Writer);
}
