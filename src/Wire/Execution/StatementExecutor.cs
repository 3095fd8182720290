using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Execution.Routes;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution;

/// <summary>The one place that decides where a statement runs, and that lets it run there, for both protocols.</summary>
internal sealed class StatementExecutor
{
    private readonly SessionState _session;
    private readonly SessionFunctions _functions;
    private readonly QuerySnapshotRoute _querySnapshot;
    private readonly IStatementRoute[] _routes;

    public StatementExecutor(SessionState session)
    {
        _session = session;
        _functions = new SessionFunctions(session);
        _querySnapshot = new QuerySnapshotRoute(session);
        Constraints = new ConstraintChecks(session, new SessionPlanning(session));
        Writer = new WriterAccess(session, Constraints);
        Locks = new LockEntryRoute(session);
        Gathered = new GatheredBatch(session, Writer);

        // In the order of the routes' numbers; a gathered batch is no route for a single statement.
        _routes =
        [
            new OwnSnapshotRoute(session), _querySnapshot, new BlockSnapshotRoute(session), new BlockWriterRoute(Writer),
            new RowLocksRoute(session, Writer), Locks, new LocalDrawRoute(session),
        ];
    }

    public WriterAccess Writer { get; }

    public ConstraintChecks Constraints { get; }

    public LockEntryRoute Locks { get; }

    /// <summary>The statements that wait to run as one entry.</summary>
    public GatheredBatch Gathered { get; }

    /// <summary>Where a statement runs now.</summary>
    /// <param name="gathers">Writes that have not run yet are gathered before the statement, or it stands between some.</param>
    /// <param name="announces">The client is told the columns before the rows.</param>
    /// <exception cref="PgException">The statement may not run now.</exception>
    public StatementRoute RouteOf(PlannedStatement plan, bool gathers = false, bool announces = false)
    {
        if (plan.Tag == "VACUUM" && (_session.Block.Open || _session.SharesTransaction))
        {
            throw new PgException(SqlState.ActiveSqlTransaction, "VACUUM cannot run inside a transaction block");
        }

        var decision = StatementRouting.Decide(plan.Traits, Traits(plan, gathers, announces));
        return decision.Refusal == StatementRefusal.None ? decision.Route : throw Refuse(decision.Refusal, plan);
    }

    /// <summary>True for a statement that takes or gives back advisory locks now.</summary>
    public bool ServesLocks(PlannedStatement plan) => StatementRouting.ServesLocks(plan.Traits, LockTraits());

    /// <summary>Decides where a statement runs, and runs it.</summary>
    public ValueTask<RowCursor> ExecuteAsync(BoundStatement bound) => ExecuteAsync(bound, RouteOf(bound.Plan));

    /// <summary>Runs a statement.</summary>
    /// <param name="route">The route that was chosen for it: any but <see cref="StatementRoute.GatheredBatch"/>.</param>
    public ValueTask<RowCursor> ExecuteAsync(BoundStatement bound, StatementRoute route)
    {
        _session.Access.Require(bound.Plan);
        _session.Watch.Note(bound.Plan);
        _session.Clock.Require();
        _session.Cancellation.Token.ThrowIfCancellationRequested();
        var rows = _routes[(int)route].RunAsync(_session.WithSettings(bound));
        return bound.Plan.Calls is not null ? CallAsync(bound.Plan, rows)
            : bound.Plan.CountsByRow ? CountAsync(bound.Plan, rows)
            : rows;
    }

    /// <summary>Makes all reads of a query string see one snapshot.</summary>
    public ValueTask PinAsync() => _querySnapshot.PinAsync();

    public ValueTask UnpinAsync() => _querySnapshot.UnpinAsync();

    private static async ValueTask<RowCursor> CountAsync(PlannedStatement plan, ValueTask<RowCursor> rows) =>
        CountCursor.Of(plan, await rows.ConfigureAwait(false));

    private async ValueTask<RowCursor> CallAsync(PlannedStatement plan, ValueTask<RowCursor> rows) =>
        new CallingCursor(_session, _functions, plan, await rows.ConfigureAwait(false));

    private SessionTraits Traits(PlannedStatement plan, bool gathers, bool announces)
    {
        var block = _session.Block;
        return LockTraits()
            | If(block.Open, SessionTraits.InBlock)
            | If(block.Writing is not null, SessionTraits.HasWriter)
            | If(_session.ReadOnly, SessionTraits.ReadOnly)
            | If(block.Open && block.SharesSnapshot, SessionTraits.SharesSnapshot)
            | If(block.Pinned, SessionTraits.BlockPinned)
            | If(_querySnapshot.Pinned, SessionTraits.QueryPinned)
            | If(gathers, SessionTraits.Gathers)
            | If(plan.DrawnSequence is { } sequence && !block.Open && _session.Sequences.CanDraw(sequence), SessionTraits.HasCachedValue)
            | If(announces, SessionTraits.AnnouncesColumns);
    }

    /// <summary>The part of the session's state that decides about advisory locks.</summary>
    public SessionTraits LockTraits() =>
        If(_session.Locks.Session is not null, SessionTraits.HasLockService) | If(_session.Locks.MayHold, SessionTraits.HoldsLocks);

    private static SessionTraits If(bool holds, SessionTraits trait) => holds ? trait : SessionTraits.None;

    private static PgException Refuse(StatementRefusal refusal, PlannedStatement plan) => refusal switch
    {
        StatementRefusal.ReadOnly => WriterAccess.ReadOnly(plan is { Writes: false, Locking: { } locking } ? WriterAccess.TagOf(locking) : plan.Tag),
        StatementRefusal.NotKnown => new PgException(
            SqlState.FeatureNotSupported,
            $"cannot execute {plan.Tag} in a transaction block: it was prepared before its tables existed", "Prepare it again."),
        StatementRefusal.LocksBehindWrites => new PgException(
            SqlState.FeatureNotSupported, "advisory locks cannot be taken behind writes of the same pipeline", "Send Sync first."),
        StatementRefusal.LocksWithOtherEffects => new PgException(
            SqlState.FeatureNotSupported, "advisory locks cannot be used together with sequences or notifications in a transaction block"),
        _ => new PgException(
            SqlState.FeatureNotSupported, "a hint cannot say how a statement is read whose snapshot was taken before", "Send it by itself."),
    };
}
