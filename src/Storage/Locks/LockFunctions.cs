namespace Rqlite.Pg.Storage;

/// <summary>PostgreSQL's functions for advisory locks, each for one number and for two, and the function for the node's own commands.</summary>
internal static class LockFunctions
{
    public static EffectFunction[] All { get; } =
    [
        .. Taking("pg_advisory_lock", LockMode.Exclusive, LockLevel.Session),
        .. Taking("pg_advisory_lock_shared", LockMode.Shared, LockLevel.Session),
        .. Taking("pg_advisory_xact_lock", LockMode.Exclusive, LockLevel.Transaction),
        .. Taking("pg_advisory_xact_lock_shared", LockMode.Shared, LockLevel.Transaction),
        .. Trying("pg_try_advisory_lock", LockMode.Exclusive, LockLevel.Session),
        .. Trying("pg_try_advisory_lock_shared", LockMode.Shared, LockLevel.Session),
        .. Trying("pg_try_advisory_xact_lock", LockMode.Exclusive, LockLevel.Transaction),
        .. Trying("pg_try_advisory_xact_lock_shared", LockMode.Shared, LockLevel.Transaction),
        .. Unlocking("pg_advisory_unlock", LockMode.Exclusive),
        .. Unlocking("pg_advisory_unlock_shared", LockMode.Shared),
        new("pg_advisory_unlock_all", 0, StatementEffects.UnlocksAll, InSchema: false, UnlockAll),
        new(LockCommand.Function, 2, StatementEffects.Locks, InSchema: false, LockCommand.Run),
    ];

    private delegate void Action(LockRun locks, LockTable table, in LockKey key, in LockOwner owner, FunctionCall call);

    private static IEnumerable<EffectFunction> Taking(string name, LockMode mode, LockLevel level) =>
        Both(name, StatementEffects.Locks, (LockRun locks, LockTable table, in LockKey key, in LockOwner owner, FunctionCall call) =>
        {
            table.Take(key, mode, level, owner, wait: true, out var ticket);
            if (ticket != 0)
            {
                locks.WaitFor(ticket);
            }

            call.ReturnNothing();
        });

    private static IEnumerable<EffectFunction> Trying(string name, LockMode mode, LockLevel level) =>
        Both(name, StatementEffects.Locks, (LockRun _, LockTable table, in LockKey key, in LockOwner owner, FunctionCall call) =>
            call.Return(table.Take(key, mode, level, owner, wait: false, out var _) ? 1 : 0));

    private static IEnumerable<EffectFunction> Unlocking(string name, LockMode mode) =>
        Both(name, StatementEffects.Unlocks, (LockRun locks, LockTable table, in LockKey key, in LockOwner owner, FunctionCall call) =>
        {
            var had = table.GiveBack(key, mode, owner);
            if (!had)
            {
                locks.Warn($"you don't own a lock of type {(mode == LockMode.Shared ? "ShareLock" : "ExclusiveLock")}");
            }

            call.Return(had ? 1 : 0);
        });

    /// <summary>The functions of one number and of two; a null argument gives null and has no effect.</summary>
    private static IEnumerable<EffectFunction> Both(string name, StatementEffects effects, Action action)
    {
        yield return new(name, 1, effects, InSchema: false, (run, call) =>
        {
            if (!call.IsNull(0))
            {
                Call(run, call, LockKey.Of(call.Number(name, 0)), action);
            }
        });
        yield return new(name, 2, effects, InSchema: false, (run, call) =>
        {
            if (!call.IsNull(0) && !call.IsNull(1))
            {
                Call(run, call, LockKey.Of(Half(name, call, 0), Half(name, call, 1)), action);
            }
        });
    }

    private static void Call(EffectRun run, FunctionCall call, in LockKey key, Action action)
    {
        var owner = OwnerOf(run);
        var locks = run.Locks;
        action(locks, locks.For(owner), key, owner, call);
    }

    private static LockOwner OwnerOf(EffectRun run) => run.Locks.Allowed && run.Current.Caller is { Session: > 0 } caller
        ? new LockOwner(caller.Node, caller.Session)
        : throw new SqlFunctionException("0A000", "advisory locks belong to a session of the PostgreSQL protocol and cannot be used here");

    private static void UnlockAll(EffectRun run, FunctionCall call)
    {
        // Where no locks can be taken there are none to give back.
        if (run.Locks.Allowed && run.Current.Caller is { Session: > 0 })
        {
            var owner = OwnerOf(run);
            run.Locks.For(owner).EndAllOfSessionLevel(owner);
        }

        call.ReturnNothing();
    }

    private static int Half(string name, FunctionCall call, int argument) =>
        call.Number(name, argument) is >= int.MinValue and <= int.MaxValue and var number
            ? (int)number
            : throw new SqlFunctionException("22003", "integer out of range");
}
