using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>All functions with effects. Every connection knows them, so that statements can be described there; only the writer runs them.</summary>
internal static unsafe class EffectFunctions
{
    private static readonly EffectFunction[] s_all = [.. NotificationFunctions.All, .. SequenceFunctions.All, .. LockFunctions.All];

    private static readonly FrozenDictionary<string, StatementEffects> s_effects = s_all
        .GroupBy(f => f.Name)
        .ToFrozenDictionary(g => g.Key, g => g.Aggregate(StatementEffects.None, (all, f) => all | f.Effects), StringComparer.OrdinalIgnoreCase);

    /// <summary>The effects of calling a function.</summary>
    public static StatementEffects Of(byte* name) => s_effects.GetValueOrDefault(Native.Text(name));

    /// <param name="run">Null on a connection that only reads, where each call is an error.</param>
    public static void Register(Connection connection, EffectRun? run)
    {
        foreach (var function in s_all)
        {
            var flags = function.InSchema ? Native.FunctionInnocuous : Native.FunctionDirectOnly;
            ManagedFunction.Register(connection, function.Name, function.Arity, flags, new Bound(function, run), &Call);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint context, int count, nint* arguments)
    {
        // No exception may pass through SQLite.
        var call = new FunctionCall(context, count, arguments);
        try
        {
            var (function, run) = ManagedFunction.Target<Bound>(context);
            if (run is not null)
            {
                function.Body(run, call);
            }
            else if (function.Effects == StatementEffects.UnlocksAll)
            {
                call.ReturnNothing();
            }
            else
            {
                call.Refuse();
            }
        }
        catch (EffectException e)
        {
            call.Fail(e.ResultCode, e.Message);
        }
        catch (StorageException e)
        {
            // The code tells whose failure it is.
            call.Fail(e.ResultCode, e.Message);
        }
        catch (OutOfMemoryException)
        {
            Native.sqlite3_result_error_nomem(context);
        }
        catch (Exception e)
        {
            // The failure follows from the arguments and the tables, so it is the statement's.
            call.Fail(ResultCode.Error, e.Message);
        }
    }

    private sealed record Bound(EffectFunction Function, EffectRun? Run);
}
