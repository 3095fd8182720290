using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;

namespace Rqlite.Pg.Wire.Session;

/// <summary>What a client has built up on its connection. Used by the connection's loop alone.</summary>
internal sealed class SessionState : IAsyncDisposable
{
    /// <summary>How every statement of this door runs.</summary>
    public const BatchOptions Options = BatchOptions.ForeignKeys;

    private volatile SessionWait _wait;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _number;
    private int _processId;
    private SessionSettings? _settings;

    /// <param name="wake">Makes the connection's loop look at the session, from any thread.</param>
    /// <param name="terminate">Ends the session at once, from any thread.</param>
    public SessionState(
        SessionContext context, SessionOutput output, StatementCancellation cancellation, Action wake, Action terminate, SocketEnds ends)
    {
        Activity = new SessionActivity(ends);
        (Context, Output, Cancellation) = (context, output, cancellation);
        Access = new SessionAccess(context.Options.Users);
        Settings = new Settings(Block);
        Watch = new StatementWatch(context.Options.SlowStatements, ends, Settings);
        output.EncodingOf = () => Settings.Encoding;
        Memory = new SessionMemory(context.Memory, context.Options.SessionBytesMax);
        Statements = new PreparedStatements(Memory);
        Portals = new Portals(Memory);
        Listening = new Listening(
            context.Database.Notifications, context.Options.NotificationsMax, context.Options.NotificationBytesMax, wake);
        Clock = new StatementClock(Settings);
        Sequences = new DrawnSequences(context.Database);
        Horizon = new ReadHorizon(context.Database);
        Locks = new HeldLocks(context.Database.Locks, Block, output);
        Scopes = new TransactionScopes(Block, Portals, Settings, Listening, Locks);
        Wake = wake;
        Terminate = terminate;
    }

    public SessionContext Context { get; }

    public IDatabase Database => Context.Database;

    public SessionOutput Output { get; }

    public StatementCancellation Cancellation { get; }

    /// <summary>Makes the connection's loop look at the session, from any thread.</summary>
    public Action Wake { get; }

    /// <summary>Ends the session with 57P01, from any thread; what it runs is cancelled.</summary>
    public Action Terminate { get; }

    /// <summary>Completes when the session has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>What other sessions see of this one.</summary>
    public SessionActivity Activity { get; }

    /// <summary>The time that the client's statements take.</summary>
    public StatementWatch Watch { get; }

    /// <summary>What the statement that runs may have to wait for; read from any thread.</summary>
    public SessionWait Wait
    {
        get => _wait;
        set => _wait = value;
    }

    /// <summary>The session's number, which no other session of this node gets.</summary>
    public long Number => _number;

    public int ProcessId => _processId;

    /// <summary>The database that the client has named.</summary>
    public string DatabaseName { get; private set; } = "";

    /// <summary>What the session's user may do.</summary>
    public SessionAccess Access { get; }

    public TransactionBlock Block { get; } = new();

    public Settings Settings { get; }

    public PreparedStatements Statements { get; }

    public Portals Portals { get; }

    public Listening Listening { get; }

    public HeldLocks Locks { get; }

    public DrawnSequences Sequences { get; }

    public ReadHorizon Horizon { get; }

    /// <summary>The parts above that follow the transaction, as one.</summary>
    public TransactionScopes Scopes { get; }

    /// <summary>The memory that the client makes the session keep.</summary>
    public SessionMemory Memory { get; }

    public StatementClock Clock { get; }

    /// <summary>Warnings of the statement that runs, to be sent before its rows.</summary>
    public IReadOnlyList<string> Warnings { get; set; } = [];

    /// <summary>The snapshot that all reads of the query string see that runs; null for none.</summary>
    public IReadTransaction? QuerySnapshot { get; set; }

    /// <summary>The schema of a snapshot that is pinned, if it is not the committed one.</summary>
    public (IReadTransaction Snapshot, ISchema Schema)? PinnedSchema { get; set; }

    /// <summary>Counts how often the client was told that the session is ready.</summary>
    public long Round { get; set; }

    /// <summary>A query string with several statements runs, which outside of a block are one implicit transaction.</summary>
    public bool SharesTransaction { get; set; }

    /// <summary>Writes are refused now.</summary>
    public bool ReadOnly => Block.Open ? Block.ReadOnly : Settings.TransactionReadOnly;

    /// <summary>How reads run now: not older than the session's own writes, and in a block at the block's time.</summary>
    /// <param name="hint">The settings that a statement brings for itself.</param>
    public ReadOptions Reads(ReadHint? hint = null)
    {
        var options = hint is null ? Settings.Reads : Settings.ReadsWith(hint);
        return Block.Open || Horizon.LastWritten > options.MinIndex
            ? options with { MinIndex = Math.Max(Horizon.LastWritten, options.MinIndex), UnixMicroseconds = Block.UnixMicroseconds }
            : options;
    }

    /// <summary>The session as it travels with statements that may ask for it.</summary>
    public CallerSession Caller => new(Context.Database.NodeId, _number, _processId, Sequences.Values, Sequences.Last);

    /// <summary>The session for statements that travel together; null if none of them may ask for it.</summary>
    public CallerSession? CallerFor(IReadOnlyList<BoundStatement> statements)
    {
        foreach (var bound in statements)
        {
            if (bound.Plan.AsksCaller)
            {
                return Caller;
            }
        }

        return null;
    }

    /// <summary>The statement with the settings of this moment, if it may ask for them.</summary>
    public BoundStatement WithSettings(BoundStatement bound) => !bound.Plan.AsksSettings
        ? bound
        : bound with { Statement = bound.Statement with { Settings = SettingsFor(bound.Plan.SearchPath) } };

    /// <summary>The settings of this moment: the same object until one changes, or the schemas that search_path names.</summary>
    /// <param name="searchPath">The schemas of search_path that exist; null if they are not known.</param>
    public SessionSettings SettingsFor(IReadOnlyList<string>? searchPath)
    {
        var snapshot = Settings.Snapshot;
        var path = searchPath ?? Settings.SearchPath;
        if (_settings is not { } settings || !ReferenceEquals(settings.Values, snapshot) || !settings.SearchPath.SequenceEqual(path))
        {
            _settings = settings = new SessionSettings(Settings.User, Settings.SessionUser, DatabaseName, path, snapshot);
        }

        return settings;
    }

    /// <summary>Sends a notice or a warning, unless the client does not want such.</summary>
    public void Notice(PgError notice)
    {
        if (Settings.Wants(notice.Severity))
        {
            ErrorResponse.Write(Output.Frames, Output.Encoding, notice);
        }
    }

    public void Begin(string user, string database, int processId)
    {
        Access.Begin(user);
        (DatabaseName, _processId) = (database, processId);
        _number = Locks.Begin(Wake) ?? Context.NextSession();
        Context.Options.Sessions.Add(this);
    }

    public async ValueTask DisposeAsync()
    {
        Context.Options.Sessions.Remove(this);
        Listening.Dispose();
        await Portals.CloseAllAsync().ConfigureAwait(false);
        await ((IScoped)Block).RollbackAsync().ConfigureAwait(false);
        Locks.Dispose();
        Memory.Dispose();
        _ended.SetResult();
    }
}
