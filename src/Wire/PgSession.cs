using System.Globalization;
using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Query;
using Rqlite.Pg.Wire.Startup;

namespace Rqlite.Pg.Wire;

/// <summary>What a client has built up on its connection, and the dispatch of its messages; used by the connection's loop alone.</summary>
internal sealed class PgSession : IAsyncDisposable
{
    /// <summary>How every statement of this door runs.</summary>
    public const BatchOptions Options = BatchOptions.ForeignKeys;

    // The database's own limit, which also ends a session that cannot get rid of its rows, comes behind ours, which tells the client why.
    private static readonly TimeSpan s_writerGrace = TimeSpan.FromSeconds(5);

    // The leader judges how long a statement may take; this is what its answer may take on top.
    private static readonly TimeSpan s_outcomeGrace = TimeSpan.FromSeconds(1);

    // The answer itself does not depend on it.
    private static readonly TimeSpan s_hearLimit = TimeSpan.FromSeconds(1);

    private readonly int _connectionId;
    private readonly WriteOptions _writes;
    private readonly Action _wake;
    private readonly Func<bool> _stopping;
    private readonly SimpleQuery _simple;
    private readonly ExtendedQuery _extended;
    private IReadTransaction? _pinned;
    private long _lastIndex;
    private long _seenIndex;
    private bool _hasRead;
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
        _writes = new WriteOptions { Timeout = context.Options.RequestTimeout };
        Listening = new Listening(
            context.Database.Notifications, context.Options.NotificationsMax, context.Options.NotificationBytesMax, wake);
        Values = new SessionValues(context.Database);
        Sender = new ResultSender(output, cancellation, Settings, Values);
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

    public StatementPipeline Pipeline { get; }

    public SessionCommands Commands { get; }

    public AdvisoryLocking Locks { get; }

    public TransactionCommands Transactions { get; }

    public TransactionBlock Block { get; } = new();

    /// <summary>What the client makes the session keep.</summary>
    public SessionMemory Memory { get; }

    public StatementNames Names { get; }

    public Settings Settings { get; } = new();

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

    /// <summary>Something was read since the client was last told that the session is ready, outside of a block.</summary>
    public bool HasQueried { get; private set; }

    /// <summary>Counts how often the client was told that the session is ready.</summary>
    public long Round { get; private set; }

    /// <summary>Answers lie ready that the client waits for.</summary>
    public bool FlushWanted { get; set; }

    /// <summary>How reads run now; a session never reads behind its own writes.</summary>
    public ReadOptions ReadOptions => AsOfNow(Settings.Reads);

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
        Context.Logger.SessionStarted(_connectionId, BadConnections.Escape(user), BadConnections.Escape(startup["database"] ?? user));
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

        try
        {
            if (refusal is not null)
            {
                throw refusal;
            }

            switch (code)
            {
                case FrontendCode.Query:
                    // Gathered statements end here: a query string is its own transaction.
                    await Pipeline.CompleteAsync(rollBack: false).ConfigureAwait(false);
                    await _simple.RunAsync(ReadQuery(body.Span)).ConfigureAwait(false);
                    await ReadyAsync().ConfigureAwait(false);
                    break;
                case FrontendCode.Sync:
                    _skipping = false;
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
            if (code is FrontendCode.Query or FrontendCode.Sync or FrontendCode.FunctionCall)
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

    /// <summary>Parses and describes; an unknown table is forgiven if something not yet run, or not yet seen here, may create it.</summary>
    public async ValueTask<PreparedStatement> PrepareAsync(
        string name, ParsedStatement parsed, ReadOnlyMemory<uint> declared, bool laterMayKnow)
    {
        var shape = parsed.Lowered ? StatementShape.Command : await DescribeAsync(parsed.Text).ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            var mapped = ErrorMapping.From(error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancelled: false);
            if (mapped.SqlState == SqlState.SyntaxError || Block.Open || !laterMayKnow && Context.Leadership.IsLeader)
            {
                throw new PgException(mapped);
            }

            return PreparedStatement.Create(name, parsed, null, declared.Span, Round);
        }

        return PreparedStatement.Create(name, parsed, shape, declared.Span, Round);
    }

    /// <summary>Refuses a statement whose result has changed since it was prepared.</summary>
    public async ValueTask RequireShapeAsync(PreparedStatement prepared)
    {
        if (prepared.Shape is { } shape && !ResultColumns.Same(shape.Rows, (await ShapeAsync(prepared.Parsed!).ConfigureAwait(false)).Rows))
        {
            throw ResultSender.PlanChanged();
        }
    }

    /// <summary>What the database says of a statement now.</summary>
    public async ValueTask<StatementShape> ShapeAsync(ParsedStatement parsed)
    {
        var shape = await DescribeAsync(parsed.Text).ConfigureAwait(false);
        return shape.Error is { } error
            ? throw new PgException(ErrorMapping.From(error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancelled: false))
            : shape;
    }

    /// <summary>Refuses what is no table or view, as the session sees the schema now.</summary>
    public async ValueTask RequireTableAsync(string table)
    {
        var shape = await DescribeAsync($"SELECT 1 FROM \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            throw new PgException(ErrorMapping.From(error, 0, "LOCK TABLE", cancelled: false));
        }
    }

    private async ValueTask<StatementShape> DescribeAsync(string sql)
    {
        var statement = new Statement(Encoding.UTF8.GetBytes(sql), default);
        using var limited = Settings.StatementTimeout is null ? null : LimitedByStatement();
        var token = limited?.Token ?? Cancellation.Token;
        try
        {
            return await Output.AwaitAsync(Block.Writing is { } writing
                ? writing.DescribeAsync(statement, token)
                : Context.Database.DescribeAsync(statement, Options, _lastIndex, token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Cancellation.Token.IsCancellationRequested)
        {
            throw StatementTimedOut();
        }
    }

    /// <summary>Opens a read, in the snapshot that the session reads now.</summary>
    public async ValueTask<RowCursor> OpenReadAsync(PreparedStatement prepared, Statement bound)
    {
        var read = prepared.Hint is { } hint ? ReadAsHinted(hint) : ReadOptions;
        var token = Cancellation.Token;
        token.ThrowIfCancellationRequested();
        if (Locks.Serves(prepared))
        {
            return await Locks.RunAsync(prepared, bound).ConfigureAwait(false);
        }

        if (prepared.Parsed!.Locking is { } locking)
        {
            if (!Block.Open)
            {
                return await ReadLockedAsync(prepared, bound, locking, read.StatementTimeout).ConfigureAwait(false);
            }

            await LockRowsAsync(prepared, locking).ConfigureAwait(false);
        }

        if (Block.Writing is { } writing)
        {
            return await Output.AwaitAsync(writing.RunAsync(bound, read.StatementTimeout, token)).ConfigureAwait(false);
        }

        HasQueried |= !Block.Open;
        var snapshot = _pinned
            ?? (Block.Open ? await Block.SnapshotAsync(Context.Database, read, token).ConfigureAwait(false) : null);
        var cursor = await Output.AwaitAsync(snapshot is null
            ? Context.Database.ReadAsync(bound, Options, read, token)
            : snapshot.ReadAsync(bound, Options, read.StatementTimeout, token)).ConfigureAwait(false);
        _seenIndex = Math.Max(_seenIndex, cursor.SeenIndex);
        _hasRead |= cursor.SeenIndex == 0;
        return cursor;
    }

    /// <summary>Opens a block for what stands before a BEGIN.</summary>
    public void OpenAhead()
    {
        TouchSettings();
        Block.Begin(DefaultIsolation, Settings.TransactionReadOnly);
        Block.Ahead = true;
    }

    /// <summary>Runs a statement in the block, which has the writer.</summary>
    public async ValueTask<RowCursor> RunOnWriterAsync(Statement bound) => await Output.AwaitAsync(
        Block.Writing!.RunAsync(bound, Settings.StatementTimeout, Cancellation.Token)).ConfigureAwait(false);

    /// <summary>Behind no own write, and in a block at the block's time.</summary>
    private ReadOptions AsOfNow(ReadOptions options) => Block.Open || _lastIndex > options.MinIndex
        ? options with { MinIndex = Math.Max(_lastIndex, options.MinIndex), UnixMilliseconds = Block.UnixMilliseconds }
        : options;

    private ReadOptions ReadAsHinted(ReadHint hint)
    {
        // On the writer there is nothing newer than what is read anyway.
        if (Block.Writing is null && (_pinned is not null || Block.Pinned))
        {
            throw new PgException(
                SqlState.FeatureNotSupported, "a hint cannot say how a statement is read whose snapshot was taken before", "Send it by itself.");
        }

        return AsOfNow(Settings.ReadsWith(hint));
    }

    /// <summary>How the next entry is written; it takes the key that was set for it.</summary>
    public WriteOptions TakeWriteOptions()
    {
        var (key, wait) = (Settings.TakeIdempotencyKey(), Settings.LockTimeout);

        var most = Settings.StatementTimeout + s_outcomeGrace < _writes.Timeout ? Settings.StatementTimeout + s_outcomeGrace : null;
        return key is null && wait is null && Settings.StatementTimeout is null
            ? _writes
            : _writes with
            {
                IdempotencyKey = key,
                LockTimeout = wait,
                Timeout = most ?? _writes.Timeout,

                // This session's own timer ends it first; a leader elsewhere needs to know the limit too.
                StatementTimeout = Settings.StatementTimeout,
            };
    }

    /// <summary>
    /// The answer to a nextval() whose value the session has already drawn, with others of its CACHE; null if the database is to be asked.
    /// Within a block it is always asked, since the writer then keeps what the session has.
    /// </summary>
    public RowCursor? TryDraw(PreparedStatement prepared) =>
        prepared.DrawnSequence is { } sequence && !Block.Open && Pipeline.IsEmpty && !Settings.TransactionReadOnly
        && Values.TryDraw(sequence, out var value)
            ? new DrawnValue(prepared.Shape!.Rows, value)
            : null;

    /// <summary>Makes all reads of a query string see one snapshot.</summary>
    public async ValueTask PinAsync()
    {
        if (!Block.Open)
        {
            _pinned ??= await Output.AwaitAsync(
                Context.Database.BeginReadAsync(ReadOptions, Cancellation.Token)).ConfigureAwait(false);
        }
    }

    public async ValueTask UnpinAsync()
    {
        if (_pinned is { } pinned)
        {
            _pinned = null;
            await pinned.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Remembers an own write, for reads that must not fall behind it.</summary>
    public void Saw(long index)
    {
        if (index > _lastIndex)
        {
            _lastIndex = index;
        }
    }

    /// <summary>Notes how far reads have seen that have ended by now; until then nothing is spent on it.</summary>
    private void NoteSeen()
    {
        if (_hasRead)
        {
            _hasRead = false;
            _seenIndex = Math.Max(_seenIndex, Context.Database.SeenIndex);
        }
    }

    /// <summary>Brings settings up to date that are too dear to follow every statement.</summary>
    public void RefreshSettings()
    {
        NoteSeen();
        Settings.SetServer("rqlite.last_index", Math.Max(_lastIndex, _seenIndex).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>What a statement that the database did not know when it was prepared is answered with inside of BEGIN … COMMIT.</summary>
    public void RefuseUnknownInBlock(PreparedStatement prepared)
    {
        if (prepared.Shape is null)
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                $"cannot execute {prepared.Tag} in a transaction block: it was prepared before its tables existed", "Prepare it again.");
        }
    }

    /// <summary>Takes the writer for a statement that writes in a block.</summary>
    public ValueTask WriteInBlockAsync(PreparedStatement prepared)
    {
        RequireWritable(prepared);
        return TakeWriterAsync(prepared.Tag, Settings.LockTimeout);
    }

    /// <summary>Takes the writer if nobody has it.</summary>
    /// <param name="refusal">What is said if somebody has.</param>
    public async ValueTask TakeWriterNowAsync(string tag, string refusal)
    {
        try
        {
            await TakeWriterAsync(tag, TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (ClusterException e) when (e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, refusal);
        }
    }

    /// <summary>
    /// Rows that are locked outside of a block are free again with the end of the statement: it waits for whoever has the writer, and reads
    /// what he leaves.
    /// </summary>
    private async ValueTask<RowCursor> ReadLockedAsync(PreparedStatement prepared, Statement bound, LockingClause locking, TimeSpan? statementTimeout)
    {
        RequireWritable(TagOf(locking));
        using var limited = LimitedByStatement();
        try
        {
            var options = WriterOptions(locking.NoWait ? TimeSpan.Zero : Settings.LockTimeout);
            var transaction = await Output.AwaitAsync(Context.Database.BeginAsync(options, null, limited.Token)).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                var rows = await Output.AwaitAsync(transaction.RunAsync(bound, statementTimeout, limited.Token)).ConfigureAwait(false);
                if (await rows.WaitToReadAsync(limited.Token).ConfigureAwait(false) || rows.Outcome.Error is null)
                {
                    await Output.AwaitAsync(transaction.CommitAsync(limited.Token)).ConfigureAwait(false);
                }

                return rows;
            }
        }
        catch (ClusterException e) when (locking.NoWait && e.Error == ClusterError.LockTimeout)
        {
            throw new PgException(SqlState.LockNotAvailable, RowNotObtained(prepared));
        }
        catch (OperationCanceledException) when (!Cancellation.Token.IsCancellationRequested)
        {
            throw StatementTimedOut();
        }
    }

    private CancellationTokenSource LimitedByStatement()
    {
        var limited = CancellationTokenSource.CreateLinkedTokenSource(Cancellation.Token);
        if (Settings.StatementTimeout is { } timeout)
        {
            limited.CancelAfter(timeout);
        }

        return limited;
    }

    private TransactionOptions WriterOptions(TimeSpan? lockTimeout) => new()
    {
        Options = Options,
        Caller = Values.Caller,
        LockTimeout = lockTimeout,
        IdleTimeout = Settings.IdleInTransactionTimeout + s_writerGrace,
        WriterSlice = Settings.WriterSlice,
        CommitTimeout = Context.Options.RequestTimeout,
        UnixMilliseconds = Block.UnixMilliseconds,
        IdempotencyKey = Block.IdempotencyKey,
    };

    private static PgException StatementTimedOut() => new(SqlState.QueryCanceled, "canceling statement due to statement timeout");

    private static string TagOf(LockingClause locking) => $"SELECT FOR {locking.Strength}";

    private static string RowNotObtained(PreparedStatement prepared) =>
        prepared.Shape?.Rows.Columns.FirstOrDefault(column => column.Table is not null)?.Table is { } table
            ? $"could not obtain lock on row in relation \"{table}\""
            : "could not obtain lock on row";

    /// <summary>Waits for the writer, unless the block has it.</summary>
    public async ValueTask TakeWriterAsync(string tag, TimeSpan? lockTimeout)
    {
        if (Block.ReadOnly)
        {
            throw new PgException(SqlState.ReadOnlySqlTransaction, $"cannot execute {tag} in a read-only transaction");
        }

        Block.IdempotencyKey ??= Settings.TakeIdempotencyKey();
        using var limited = LimitedByStatement();
        try
        {
            await Output.AwaitAsync(Block.WriteAsync(Context.Database, WriterOptions(lockTimeout), limited.Token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Cancellation.Token.IsCancellationRequested)
        {
            throw StatementTimedOut();
        }
    }

    /// <summary>What locks rows takes the writer, which locks them all; SKIP LOCKED then finds none to skip.</summary>
    private ValueTask LockRowsAsync(PreparedStatement prepared, LockingClause locking) => locking.NoWait
        ? TakeWriterNowAsync(TagOf(locking), RowNotObtained(prepared))
        : TakeWriterAsync(TagOf(locking), Settings.LockTimeout);

    public void RequireWritable(PreparedStatement prepared) => RequireWritable(prepared.Tag);

    private void RequireWritable(string tag)
    {
        if (Block.Open ? Block.ReadOnly : Settings.TransactionReadOnly)
        {
            throw new PgException(SqlState.ReadOnlySqlTransaction, $"cannot execute {tag} in a read-only transaction");
        }
    }

    public PgException IdleTooLong() => Block.Open
        ? PgException.Fatal(SqlState.IdleInTransactionTimeout, "terminating connection due to idle-in-transaction timeout")
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
        await UnpinAsync().ConfigureAwait(false);
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

        if (Block.Ahead)
        {
            await Block.EndAsync().ConfigureAwait(false);
        }

        await Block.FailAsync(exception is ClusterException).ConfigureAwait(false);

        // Those that were bound before the last savepoint go on behind the return to it.
        await Names.ClosePortalsAsync(Block.Level).ConfigureAwait(false);
        await UnpinAsync().ConfigureAwait(false);
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
        NoteSeen();
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

        // What it did last was perhaps done without its locks.
        Locks.RequireHeld();
        NoteLeadership();
        Report();
        BackendMessage.WriteReadyForQuery(Output.Frames, (byte)Block.Status);
        (FlushWanted, _ready, HasQueried) = (true, true, false);
        Round++;

        // A cancel request meant this query; what is already pipelined behind it gets a token of its own.
        Cancellation.Finish();
        Cancellation.Start();
    }

    // Also what this session has sent itself comes by way of the log; on another node than the leader it may be a moment behind.
    private async ValueTask HearOwnAsync()
    {
        if (!Listening.Any || _heard >= _lastIndex)
        {
            return;
        }

        _heard = _lastIndex;
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(Cancellation.Token);
        limited.CancelAfter(s_hearLimit);
        try
        {
            await Context.Database.WaitForIndexAsync(_lastIndex, limited.Token).ConfigureAwait(false);
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
