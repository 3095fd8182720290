using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Rqlite.Pg.Storage;

/// <summary>All functions with effects. Every connection knows them, so that statements can be described there; only the writer runs them.</summary>
internal static unsafe class EffectFunctions
{
    private static readonly EffectFunction[] s_all =
        [.. NotificationFunctions.All, .. SequenceFunctions.All, .. LockFunctions.All, .. SchemaCommand.Functions];

    private static readonly FrozenDictionary<string, StatementEffects> s_effects = s_all
        .GroupBy(f => f.Name)
        .ToFrozenDictionary(g => g.Key, g => g.Aggregate(StatementEffects.None, (all, f) => all | f.Effects), StringComparer.OrdinalIgnoreCase);

    /// <summary>The effects of calling a function.</summary>
    public static StatementEffects Of(string name) => s_effects.GetValueOrDefault(name);

    /// <param name="run">Null on a connection that only reads, where each call is an error.</param>
    public static void Register(Connection connection, EffectRun? run)
    {
        var errors = new ExtensionErrors(connection.Context, null);
        foreach (var function in s_all)
        {
            var flags = function.InSchema ? Native.FunctionInnocuous : Native.FunctionDirectOnly;
            ManagedFunction.Register(connection, function.Name, function.Arity, flags, new Bound(function, run, errors), &Call);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint context, int count, nint* arguments)
    {
        var (function, run, errors) = ManagedFunction.Target<Bound>(context);
        var call = new FunctionCall(context, count, arguments);
        try
        {
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
        catch (Exception e)
        {
            errors.Fail(call, e);
        }
    }

    private sealed record Bound(EffectFunction Function, EffectRun? Run, ExtensionErrors Errors);
}
