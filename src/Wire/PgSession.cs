using System.Globalization;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Query;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire;

/// <summary>The state that a client has built up on its connection, and the dispatch of its messages; used by the connection's loop alone.</summary>
internal sealed class PgSession : IAsyncDisposable
{
    /// <summary>How every statement of this door runs.</summary>
    public const BatchOptions Options = BatchOptions.ForeignKeys;

    // The answer itself does not depend on it.
    private static readonly TimeSpan s_hearLimit = TimeSpan.FromSeconds(1);

    private readonly int _connectionId;
    private readonly Action _wake;
    private readonly Func<bool> _stopping;
    private readonly SimpleQuery _simple;
    private readonly ExtendedQuery _extended;
    private bool _skipping;
    private bool _idle;

    // The client has been told so, and has sent nothing since.
    private bool _ready = true;
    private long _heard;
    private bool? _standby;
    private bool _settingsTouched = true;

    /// <param name="stopping">The listener stops: what it interrupts ends the session.</param>
    public PgSession(
        SessionContext context, SessionOutput output, StatementCancellation cancellation, int connectionId, Action wake, Func<bool> stopping)
    {
        _stopping = stopping;
        Context = context;
        Output = output;
        Cancellation = cancellation;
        _connectionId = connectionId;
        _wake = wake;
        Memory = new SessionMemory(context.Memory, context.Options.SessionBytesMax);
        Names = new StatementNames(Memory);
        Listening = new Listening(
            context.Database.Notifications, context.Options.NotificationsMax, context.Options.NotificationBytesMax, wake);
        Clock = new StatementClock(Settings);
        Values = new SessionValues(context.Database);
        Sender = new ResultSender(output, cancellation, Settings, Values);
        Statements = new StatementRunner(this);
        Writer = new WriterAccess(this);
        Pipeline = new StatementPipeline(this);
        Commands = new SessionCommands(this);
        Locks = new AdvisoryLocking(this);
        Transactions = new TransactionCommands(this);
        _simple = new SimpleQuery(this);
        _extended = new ExtendedQuery(this);
    }

    public SessionContext Context { get; }

    public SessionOutput Output { get; }

    public StatementCancellation Cancellation { get; }

    public ResultSender Sender { get; }

    public StatementRunner Statements { get; }

    public WriterAccess Writer { get; }

    public StatementPipeline Pipeline { get; }

    public SessionCommands Commands { get; }

    public AdvisoryLocking Locks { get; }

    public TransactionCommands Transactions { get; }

    public TransactionBlock Block { get; } = new();

    /// <summary>The memory that the client makes the session keep.</summary>
    public SessionMemory Memory { get; }

    public StatementNames Names { get; }

    public Settings Settings { get; } = new();

    public StatementClock Clock { get; }

    public SessionValues Values { get; }

    public Listening Listening { get; }

    public string User { get; private set; } = "";

    public IsolationLevel DefaultIsolation => Settings.Show("transaction_isolation") switch
    {
        "read uncommitted" => IsolationLevel.ReadUncommitted,
        "repeatable read" => IsolationLevel.RepeatableRead,
        "serializable" => IsolationLevel.Serializable,
        _ => IsolationLevel.ReadCommitted,
    };

    /// <summary>Counts how often the client was told that the session is ready.</summary>
    public long Round { get; private set; }

    /// <summary>Answers lie ready that the client waits for.</summary>
    public bool FlushWanted { get; set; }

    /// <summary>How long the client may be silent now; null for no limit.</summary>
    public TimeSpan? IdleLimit => !_ready ? null : Block.Open ? Settings.IdleInTransactionTimeout : Settings.IdleTimeout;

    /// <summary>Sends everything that precedes the first query, up to ReadyForQuery.</summary>
    public void Begin(StartupMessage startup, CancelKeys.Registration registration)
    {
        var user = startup["user"] is { Length: > 0 } name
            ? name
            : throw PgException.Fatal(
                SqlState.InvalidAuthorizationSpecification, "no PostgreSQL user name specified in startup packet");
        if (startup["replication"] is { } replication && replication is not ("false" or "off" or "no" or "0"))
        {
            throw PgException.Fatal(SqlState.FeatureNotSupported, "replication connections are not supported");
        }

        User = user;
        (Values.Node, Values.Session, Values.ProcessId) = (Context.Database.NodeId, Locks.Begin(_wake), registration.ProcessId);
        BackendMessage.WriteAuthenticationOk(Output.Frames);
        Commands.Start(user, startup);
        NoteLeadership();
        Report();
        BackendMessage.WriteBackendKeyData(Output.Frames, registration.ProcessId, registration.Key);
        BackendMessage.WriteReadyForQuery(Output.Frames, (byte)Block.Status);
        _idle = true;
        Context.Logger.SessionStarted(_connectionId, PrintableText.Of(user), PrintableText.Of(startup["database"] ?? user));
    }

    /// <summary>Handles one message; errors of the client become answers, and only a FATAL one comes out.</summary>
    /// <param name="refusal">What the message is answered with instead, as if it had failed.</param>
    public async ValueTask DispatchAsync(FrontendCode code, ReadOnlyMemory<byte> body, PgException? refusal = null)
    {
        Locks.RequireHeld();
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
                    Clock.Require();
                    Clock.Stop();

                    // Gathered statements end here: a query string is its own transaction. If they fail, the query is skipped as all up to Sync is.
                    ends = Pipeline.IsEmpty;
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    ends = true;
                    await _simple.RunAsync(ReadQuery(body.Span)).ConfigureAwait(false);
                    await ReadyAsync().ConfigureAwait(false);
                    break;
                case FrontendCode.Sync:
                    _skipping = false;
                    Clock.Require();
                    Clock.Stop();
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
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
                    Clock.Start();
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

    /// <summary>Tells an idle client what has happened: that the leader has changed, and what others have sent to it; or that its session cannot go on.</summary>
    public async ValueTask ReportAsync()
    {
        Locks.RequireHeld();
        EndIfUnheard();
        NoteLeadership();
        if (_idle)
        {
            await NotifyAsync().ConfigureAwait(false);
        }

        if (!Output.Holding && (Report() || Output.HasUnflushed))
        {
            await Output.FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens a block for what stands before a BEGIN.</summary>
    public void OpenAhead()
    {
        TouchSettings();
        Block.Begin(DefaultIsolation, Settings.TransactionReadOnly);
        Block.Ahead = true;
    }

    /// <summary>Brings settings up to date that are too dear to follow every statement.</summary>
    public void RefreshSettings()
    {
        Settings.SetServer("rqlite.last_index", Statements.SeenIndex().ToString(CultureInfo.InvariantCulture));
    }

    public PgException IdleTooLong() => Block.Open
        ? PgException.Fatal(SqlState.IdleInTransactionSessionTimeout, "terminating connection due to idle-in-transaction timeout")
        : PgException.Fatal(SqlState.IdleSessionTimeout, "terminating connection due to idle-session timeout");

    /// <summary>A query string does away with the unnamed statement and portal.</summary>
    public async ValueTask DropUnnamedAsync()
    {
        Names.RemoveStatement("");
        await Names.ClosePortalAsync("").ConfigureAwait(false);
    }

    /// <summary>Called before settings may change: what they were is what a failure returns to.</summary>
    public void TouchSettings()
    {
        _settingsTouched = true;
        Settings.BeginTransaction();
    }

    public void Notice(PgError notice) => ErrorResponse.Write(Output.Frames, notice);

    public async ValueTask DisposeAsync()
    {
        Listening.Dispose();
        Pipeline.Drop();
        await Names.ClosePortalsAsync().ConfigureAwait(false);
        await Statements.UnpinAsync().ConfigureAwait(false);
        await Block.EndAsync().ConfigureAwait(false);
        Locks.Dispose();
        Memory.Dispose();
    }

    private static string ReadQuery(ReadOnlySpan<byte> body)
    {
        var reader = new MessageReader(body);
        var text = reader.ReadText();
        reader.End();
        return text;
    }

    private async ValueTask FailAsync(Exception exception)
    {
        if (_stopping() && Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.Shutdown());
        }

        Clock.Stop();
        var error = Describe(exception);
        if (!Pipeline.IsEmpty)
        {
            // The statements before the bad one are answered as if they had run, and the first that fails among them comes first.
            try
            {
                await Pipeline.CompleteAsync(rollBack: true).ConfigureAwait(false);
            }
            catch (Exception earlier) when (earlier is not ClientGoneException and not PgException { Error.Severity: Severity.Fatal })
            {
                error = Describe(earlier);
            }
        }

        Pipeline.Drop();
        ErrorResponse.Write(Output.Frames, error);
        FlushWanted = true;
        if (Block.Writing is not null)
        {
            Values.Doubt();
        }

        if (Block.Ahead || exception is PgException { AtCommit: true })
        {
            await Block.EndAsync().ConfigureAwait(false);
        }

        await Block.FailAsync(exception is ClusterException).ConfigureAwait(false);

        // Those that were bound before the last savepoint go on behind the return to it.
        await Names.ClosePortalsAsync(Block.Level).ConfigureAwait(false);
        await Statements.UnpinAsync().ConfigureAwait(false);
        if (!Block.Open)
        {
            Listening.Rollback();
            if (_settingsTouched)
            {
                Settings.Rollback();
            }
        }
    }

    private PgError Describe(Exception exception)
    {
        if (ErrorMapping.From(exception) is { } error)
        {
            return error;
        }

        Context.Logger.StatementFailed(exception);
        return ErrorMapping.Internal();
    }

    // The end of an implicit transaction, or of one message inside of a block.
    private async ValueTask ReadyAsync()
    {
        Statements.NoteSeen();
        if (!Block.Open)
        {
            await Names.ClosePortalsAsync().ConfigureAwait(false);
            if (_settingsTouched)
            {
                Settings.Commit();
            }

            Listening.Commit();
            if (Memory.HasTransaction)
            {
                Memory.EndTransaction(Settings.Bytes + Listening.Bytes);
            }

            await HearOwnAsync().ConfigureAwait(false);
            await NotifyAsync().ConfigureAwait(false);
            _idle = true;
        }

        EndIfUnheard();
        if (!Block.Open || Block.Dead)
        {
            await Locks.EndTransactionAsync().ConfigureAwait(false);
        }
        else if (Block.Status == TransactionStatus.Failed)
        {
            await Locks.FailAsync().ConfigureAwait(false);
        }

        // Its last statements perhaps ran without its locks.
        Locks.RequireHeld();
        NoteLeadership();
        Report();
        BackendMessage.WriteReadyForQuery(Output.Frames, (byte)Block.Status);
        (FlushWanted, _ready) = (true, true);
        Statements.EndRound();
        Round++;

        // A cancel request meant this query; what is already pipelined behind it gets a token of its own.
        Cancellation.Finish();
        Cancellation.Start();
    }

    // Also what this session has sent itself comes by way of the log; on another node than the leader it may be a moment behind.
    private async ValueTask HearOwnAsync()
    {
        if (!Listening.Any || _heard >= Statements.LastIndex)
        {
            return;
        }

        _heard = Statements.LastIndex;
        using var limited = Cancellation.Within(s_hearLimit);
        try
        {
            await Context.Database.WaitForIndexAsync(Statements.LastIndex, limited.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ClusterException)
        {
            // It arrives later then, as those of others do.
        }
    }

    private async ValueTask NotifyAsync()
    {
        while (Listening.WriteNext(Output.Frames))
        {
            if (Output.FlushIsDue)
            {
                await Output.FlushAsync().ConfigureAwait(false);
            }
        }
    }

    private void EndIfUnheard()
    {
        if (Listening.End is { } end)
        {
            throw new PgException(end);
        }
    }

    private void NoteLeadership()
    {
        var standby = !Context.Leadership.IsLeader;
        if (standby != _standby)
        {
            _standby = standby;
            _settingsTouched = true;
            Settings.SetServer("in_hot_standby", standby ? "on" : "off");
        }
    }

    // A session that has not touched its settings has nothing to look for: this runs once a query.
    private bool Report()
    {
        var reported = false;
        if (!_settingsTouched)
        {
            return reported;
        }

        _settingsTouched = Block.Open;
        foreach (var (name, value) in Settings.TakeChanges())
        {
            BackendMessage.WriteParameterStatus(Output.Frames, name, value);
            reported = true;
        }

        return reported;
    }
}
