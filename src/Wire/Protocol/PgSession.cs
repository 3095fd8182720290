using Rqlite.Pg.Cluster;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Execution;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>The rooms of a session put together, and the dispatch of its messages; used by the connection's loop alone.</summary>
internal sealed class PgSession : IAsyncDisposable
{
    // The answer itself does not depend on it.
    private static readonly TimeSpan s_ownNotificationsWait = TimeSpan.FromSeconds(1);

    private readonly int _connectionId;
    private readonly Func<bool> _stopping;
    private readonly SimpleQuery _simple;
    private readonly ExtendedQuery _extended;
    private readonly ViolationDetails _details;
    private bool _skipping;
    private bool _idle;

    // The client has been told so, and has sent nothing since.
    private bool _ready = true;
    private long _notifiedIndex;
    private bool? _standby;

    /// <param name="terminate">Ends the session at once, from any thread.</param>
    /// <param name="stopping">The listener stops, or the session is terminated: what is interrupted then ends the session.</param>
    public PgSession(
        SessionContext context, SessionOutput output, StatementCancellation cancellation, int connectionId, SocketEnds ends, Action wake,
        Action terminate, Func<bool> stopping)
    {
        _stopping = stopping;
        _connectionId = connectionId;
        State = new SessionState(context, output, cancellation, wake, terminate, ends);
        Planning = new SessionPlanning(State);
        Executor = new StatementExecutor(State);
        Replanning = new Replanning(State);
        Sender = new ResultSender(State);
        _details = new ViolationDetails(State, Planning);
        Pipeline = new StatementPipeline(this);
        SettingCommands = new SettingCommands(this);
        Transactions = new TransactionCommands(this);
        Commands = new SessionCommands(this);
        Cursors = new CursorCommands(this);
        _simple = new SimpleQuery(this);
        _extended = new ExtendedQuery(this);
    }

    public SessionState State { get; }

    public IStatementPlanner Planner => State.Context.Planner;

    /// <summary>The session as the planner sees it.</summary>
    public SessionPlanning Planning { get; }

    public StatementExecutor Executor { get; }

    public Replanning Replanning { get; }

    public ResultSender Sender { get; }

    public StatementPipeline Pipeline { get; }

    public SessionCommands Commands { get; }

    public CursorCommands Cursors { get; }

    public SettingCommands SettingCommands { get; }

    public TransactionCommands Transactions { get; }

    /// <summary>Answers lie ready that the client waits for.</summary>
    public bool FlushWanted { get; set; }

    /// <summary>How long the client may be silent now; null for no limit.</summary>
    public TimeSpan? IdleLimit =>
        !_ready ? null : State.Block.Open ? State.Settings.IdleInTransactionTimeout : State.Settings.IdleTimeout;

    /// <summary>Sends everything that precedes the first query, up to ReadyForQuery.</summary>
    public void Begin(StartupMessage startup, CancelKeys.Registration registration)
    {
        var user = startup.User;
        if (startup["replication"] is { } replication && replication is not ("false" or "off" or "no" or "0"))
        {
            throw PgException.Fatal(SqlState.FeatureNotSupported, "replication connections are not supported");
        }

        var database = startup["database"] ?? user;
        State.Begin(user, database, registration.ProcessId);
        BackendMessage.WriteAuthenticationOk(State.Output.Frames);
        SettingCommands.Start(user, startup);
        NoteLeadership();
        Report();
        BackendMessage.WriteBackendKeyData(State.Output.Frames, registration.ProcessId, registration.Key);
        BackendMessage.WriteReadyForQuery(State.Output.Frames, (byte)State.Block.Status);
        _idle = true;
        State.Context.Logger.SessionStarted(_connectionId, PrintableText.Of(user), PrintableText.Of(database));
    }

    /// <summary>Handles one message; errors of the client become answers, and only a FATAL one comes out.</summary>
    /// <param name="refusal">What the message is answered with instead, as if it had failed.</param>
    public async ValueTask DispatchAsync(FrontendCode code, ReadOnlyMemory<byte> body, PgException? refusal = null)
    {
        State.Locks.RequireHeld();
        if (_skipping && code != FrontendCode.Sync)
        {
            return;
        }

        (_idle, _ready) = (false, false);

        // Whether ReadyForQuery follows an error.
        var ends = code is FrontendCode.Query or FrontendCode.Sync or FrontendCode.FunctionCall;
        try
        {
            if (refusal is not null)
            {
                throw refusal;
            }

            switch (code)
            {
                case FrontendCode.Query:
                    State.Clock.Require();
                    State.Clock.Stop();

                    // Gathered statements end here: a query string is its own transaction. If they fail, the query is skipped as all up to Sync is.
                    ends = Pipeline.IsEmpty && !State.Block.Implicit;
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    await Transactions.CommitImplicitAsync().ConfigureAwait(false);
                    ends = true;
                    var text = QueryMessage.Read(body.Span, State.Output.Encoding).Text;
                    State.Activity.Begin(text, State.Block.Open);
                    State.Watch.Begin(text);
                    await _simple.RunAsync(text).ConfigureAwait(false);
                    await ReadyAsync().ConfigureAwait(false);
                    break;
                case FrontendCode.Sync:
                    _skipping = false;
                    State.Clock.Require();
                    State.Clock.Stop();
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    await Transactions.CommitImplicitAsync().ConfigureAwait(false);
                    await ReadyAsync().ConfigureAwait(false);
                    break;
                case FrontendCode.Flush:
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    FlushWanted = true;
                    break;
                case FrontendCode.FunctionCall:
                    throw new PgException(SqlState.FeatureNotSupported, "function call messages are not supported");
                case FrontendCode.CopyData or FrontendCode.CopyDone or FrontendCode.CopyFail:
                    // Left over from a COPY that failed; PostgreSQL ignores them too.
                    break;
                default:
                    State.Clock.Start();
                    await _extended.DispatchAsync(code, body).ConfigureAwait(false);
                    if (!Pipeline.IsEmpty)
                    {
                        Pipeline.Count();
                    }

                    break;
            }
        }
        catch (Exception exception) when (exception is not ClientGoneException and not PgException { Error.Severity: Severity.Fatal })
        {
            await FailAsync(exception).ConfigureAwait(false);
            if (ends)
            {
                await ReadyAsync().ConfigureAwait(false);
            }
            else
            {
                _skipping = true;
            }
        }
    }

    /// <summary>
    /// Tells an idle client what has happened: that the leader has changed, and what others have sent to it; or that its session cannot go on.
    /// </summary>
    public async ValueTask ReportAsync()
    {
        State.Locks.RequireHeld();
        State.Access.RequireUser();
        ThrowIfQueueOverflowed();
        NoteLeadership();
        SettingCommands.NoteAccess();
        if (_idle)
        {
            await NotifyAsync().ConfigureAwait(false);
        }

        if (!State.Output.Holding && (Report() || State.Output.HasUnflushed))
        {
            await State.Output.FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The columns that a statement would have if it were planned now.</summary>
    public ValueTask<PlannedColumn[]> ColumnsNowAsync(PlannedStatement plan) => Planner.ColumnsAsync(plan, Planning);

    public PgException IdleTooLong() => State.Block.Open
        ? PgException.Fatal(SqlState.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout")
        : PgException.Fatal(SqlState.IdleSessionTimeout, "terminating connection due to idle-session timeout");

    public async ValueTask DisposeAsync()
    {
        Pipeline.Drop();
        await Executor.UnpinAsync().ConfigureAwait(false);
        await State.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask FailAsync(Exception exception)
    {
        if (_stopping() && State.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.Shutdown());
        }

        var limit = ViolationDetails.LimitOf(State.Clock);
        State.Clock.Stop();
        var (error, failure) = (Describe(exception), exception);
        if (!Pipeline.IsEmpty)
        {
            // The statements before the bad one are answered as if they had run, and the first that fails among them comes first.
            try
            {
                await Pipeline.CompleteAsync(rollBack: true).ConfigureAwait(false);
            }
            catch (Exception earlier) when (earlier is not ClientGoneException and not PgException { Error.Severity: Severity.Fatal })
            {
                (error, failure) = (Describe(earlier), earlier);
            }
        }

        Pipeline.Drop();
        RequestMetrics.Pg.CountError(error.SqlState);
        if (failure is PgException { Failed: { } failed, AtCommit: false })
        {
            error = await _details.CompleteAsync(error, failed, limit).ConfigureAwait(false);
        }

        ErrorResponse.Write(State.Output.Frames, State.Output.Encoding, error);
        FlushWanted = true;
        if (State.Block.Writing is not null)
        {
            State.Sequences.InvalidateCaches();
        }

        await Executor.UnpinAsync().ConfigureAwait(false);
        if (State.Block.Implicit || exception is PgException { AtCommit: true })
        {
            await State.Scopes.RollbackAsync().ConfigureAwait(false);
        }
        else
        {
            await State.Scopes.FailAsync(lost: exception is ClusterException).ConfigureAwait(false);
        }
    }

    private PgError Describe(Exception exception)
    {
        if (ErrorMapping.From(exception) is { } error)
        {
            return error;
        }

        State.Context.Logger.StatementFailed(exception);
        return ErrorMapping.Internal();
    }

    /// <summary>Begins to run a portal, and moves to its first row.</summary>
    public async ValueTask OpenAsync(Portal portal, StatementRoute route)
    {
        var plan = portal.Plan;
        if (route != StatementRoute.LocalDraw)
        {
            State.Portals.RequireFewResults(State.Context.Options.OpenResultsMax);
        }

        portal.Cursor = await Executor.ExecuteAsync(portal.Bound, route).ConfigureAwait(false);
        Sender.SendNotices(plan);
        portal.RowAtHand = await Sender.NextRowAsync(portal.Cursor).ConfigureAwait(false);
        if (!portal.RowAtHand)
        {
            Sender.ThrowIfFailed(new StatementRun(portal.Bound), portal.Cursor.Outcome.Error);
        }

        // Only now has SQLite read the present schema.
        if (!portal.Prepared.Plan.Promises(portal.Cursor.Schema))
        {
            throw PlannedStatement.ResultChanged();
        }
    }

    // The end of an implicit transaction, or of one message inside of a block.
    private async ValueTask ReadyAsync()
    {
        State.Horizon.NoteSeen();
        if (!State.Block.Open)
        {
            State.PinnedSchema = null;
            await State.Scopes.CommitAsync().ConfigureAwait(false);
            if (State.Memory.HasTransaction)
            {
                State.Memory.EndTransaction(State.Settings.Bytes + State.Listening.Bytes);
            }

            await WaitForOwnNotificationsAsync().ConfigureAwait(false);
            await NotifyAsync().ConfigureAwait(false);
            _idle = true;
        }

        ThrowIfQueueOverflowed();

        // The last statements perhaps ran without the session's locks.
        State.Locks.RequireHeld();
        NoteLeadership();
        Report();
        BackendMessage.WriteReadyForQuery(State.Output.Frames, (byte)State.Block.Status);
        State.Activity.End(State.Block.Status);
        State.Watch.End();
        (FlushWanted, _ready) = (true, true);
        State.Horizon.HasQueried = false;
        State.Round++;

        // A cancel request meant this query; what is already pipelined behind it gets a token of its own.
        State.Cancellation.Finish();
        State.Cancellation.Start();
    }

    // Also what this session has sent itself comes by way of the log; on another node than the leader it may be a moment behind.
    private async ValueTask WaitForOwnNotificationsAsync()
    {
        var written = State.Horizon.LastWritten;
        if (!State.Listening.Any || _notifiedIndex >= written)
        {
            return;
        }

        _notifiedIndex = written;
        using var limited = State.Cancellation.Within(s_ownNotificationsWait);
        try
        {
            await State.Database.WaitForIndexAsync(written, limited.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ClusterException)
        {
            // It arrives later then, as those of others do.
        }
    }

    private async ValueTask NotifyAsync()
    {
        while (State.Listening.WriteNext(State.Output))
        {
            if (State.Output.FlushIsDue)
            {
                await State.Output.FlushAsync().ConfigureAwait(false);
            }
        }
    }

    private void ThrowIfQueueOverflowed()
    {
        if (State.Listening.End is { } end)
        {
            throw new PgException(end);
        }
    }

    private void NoteLeadership()
    {
        var standby = !State.Context.Leadership.IsLeader;
        if (standby != _standby)
        {
            _standby = standby;
            State.Settings.SetServer("in_hot_standby", standby ? "on" : "off");
        }
    }

    /// <returns>True if a setting was reported.</returns>
    private bool Report()
    {
        var changes = State.Settings.TakeChanges();
        foreach (var (name, value) in changes)
        {
            BackendMessage.WriteParameterStatus(State.Output.Frames, State.Output.Encoding, name, value);
        }

        return changes.Count > 0;
    }
}
