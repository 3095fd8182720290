using System.Text;
using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>Describes and runs statements of a session one by one: where, as of when, and in whose snapshot.</summary>
internal sealed class StatementRunner(PgSession session)
{
    private IReadTransaction? _pinned;
    private long _seenIndex;
    private bool _hasRead;

    /// <summary>The last entry that the session has written; no read may be older.</summary>
    public long LastIndex { get; private set; }

    /// <summary>Something was read since the client was last told that the session is ready, outside of a block.</summary>
    public bool HasQueried { get; private set; }

    /// <summary>How reads run now; a session never reads older data than its own writes.</summary>
    public ReadOptions ReadOptions => AsOfNow(session.Settings.Reads);

    /// <summary>Parses and describes; an unknown table is forgiven if something not yet run, or not yet seen here, may create it.</summary>
    public async ValueTask<PreparedStatement> PrepareAsync(
        string name, ParsedStatement parsed, ReadOnlyMemory<uint> declared, bool laterMayKnow)
    {
        var shape = parsed.Lowered ? StatementShape.Command : await DescribeAsync(parsed.Text).ConfigureAwait(false);
        if (shape.Error is { } error)
        {
            var mapped = ErrorMapping.From(error, parsed.PositionOf(error.Offset), parsed.CommandTag, cancelled: false);
            if (mapped.SqlState == SqlState.SyntaxError || session.Block.Open || !laterMayKnow && session.Context.Leadership.IsLeader)
            {
                throw new PgException(mapped);
            }

            return PreparedStatement.Create(name, parsed, null, declared.Span, session.Round);
        }

        return PreparedStatement.Create(name, parsed, shape, declared.Span, session.Round);
    }

    /// <summary>Refuses a statement whose result has changed since it was prepared.</summary>
    public async ValueTask RequireShapeAsync(PreparedStatement prepared)
    {
        if (prepared.Shape is { } shape && !ResultColumns.Same(shape.Rows, (await ShapeAsync(prepared.Parsed!).ConfigureAwait(false)).Rows))
        {
            throw ResultSender.PlanChanged();
        }
    }

    /// <summary>The database's present description of a statement.</summary>
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

    /// <summary>Runs a statement that is no entry of the session's pipeline: on the writer if the block has it, else in the snapshot that holds now.</summary>
    public async ValueTask<RowCursor> ExecuteAsync(PreparedStatement prepared, Statement bound)
    {
        var read = prepared.Hint is { } hint ? ReadAsHinted(hint) : ReadOptions;
        if (read.StatementTimeout is not null)
        {
            read = read with { StatementTimeout = session.Clock.Left };
        }

        var token = session.Cancellation.Token;
        token.ThrowIfCancellationRequested();
        if (session.Locks.Serves(prepared))
        {
            return await session.Locks.RunAsync(prepared, bound).ConfigureAwait(false);
        }

        if (prepared.Parsed!.Locking is { } locking)
        {
            if (!session.Block.Open)
            {
                return await session.Writer.ReadLockedAsync(prepared, bound, locking, read.StatementTimeout).ConfigureAwait(false);
            }

            await session.Writer.LockRowsAsync(prepared, locking).ConfigureAwait(false);
        }

        if (session.Block.Writing is not null)
        {
            return await session.Writer.RunAsync(bound, read.StatementTimeout).ConfigureAwait(false);
        }

        HasQueried |= !session.Block.Open;
        var snapshot = _pinned
            ?? (session.Block.Open ? await session.Block.SnapshotAsync(session.Context.Database, read, token).ConfigureAwait(false) : null);
        var cursor = await session.Output.AwaitAsync(snapshot is null
            ? session.Context.Database.ReadAsync(bound, PgSession.Options, read, token)
            : snapshot.ReadAsync(bound, PgSession.Options, read.StatementTimeout, token)).ConfigureAwait(false);
        _seenIndex = Math.Max(_seenIndex, cursor.SeenIndex);
        _hasRead |= cursor.SeenIndex == 0;
        return cursor;
    }

    /// <summary>
    /// The answer to a nextval() whose value the session has already drawn, with others of its CACHE; null if the database is to be asked.
    /// Within a block it is always asked, since the writer then keeps what the session has.
    /// </summary>
    public RowCursor? TryDraw(PreparedStatement prepared) =>
        prepared.DrawnSequence is { } sequence && !session.Block.Open && session.Pipeline.IsEmpty && !session.Settings.TransactionReadOnly
        && session.Values.TryDraw(sequence, out var value)
            ? new DrawnValue(prepared.Shape!.Rows, value)
            : null;

    /// <summary>Makes all reads of a query string see one snapshot.</summary>
    public async ValueTask PinAsync()
    {
        if (!session.Block.Open)
        {
            _pinned ??= await session.Output.AwaitAsync(
                session.Context.Database.BeginReadAsync(ReadOptions, session.Cancellation.Token)).ConfigureAwait(false);
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

    /// <summary>Remembers an own write, which later reads must see.</summary>
    public void Saw(long index) => LastIndex = Math.Max(LastIndex, index);

    /// <summary>The client is told that the session is ready.</summary>
    public void EndRound() => HasQueried = false;

    /// <summary>Notes how far reads have seen that have ended by now; until then nothing is spent on it.</summary>
    public void NoteSeen()
    {
        if (_hasRead)
        {
            _hasRead = false;
            _seenIndex = Math.Max(_seenIndex, session.Context.Database.SeenIndex);
        }
    }

    /// <summary>The last entry that the session has written or seen.</summary>
    public long SeenIndex()
    {
        NoteSeen();
        return Math.Max(LastIndex, _seenIndex);
    }

    private async ValueTask<StatementShape> DescribeAsync(string sql)
    {
        var statement = new Statement(Encoding.UTF8.GetBytes(sql), default);
        using var limited = session.Clock.Left is { } limit ? session.Cancellation.Within(limit) : null;
        var token = limited?.Token ?? session.Cancellation.Token;
        try
        {
            return await session.Output.AwaitAsync(session.Block.Writing is { } writing
                ? writing.DescribeAsync(statement, token)
                : session.Context.Database.DescribeAsync(statement, PgSession.Options, LastIndex, token)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
    }

    /// <summary>Not older than the session's own writes, and in a block at the block's time.</summary>
    private ReadOptions AsOfNow(ReadOptions options) => session.Block.Open || LastIndex > options.MinIndex
        ? options with { MinIndex = Math.Max(LastIndex, options.MinIndex), UnixMicroseconds = session.Block.UnixMicroseconds }
        : options;

    private ReadOptions ReadAsHinted(ReadHint hint)
    {
        // On the writer there is nothing newer than what is read anyway.
        if (session.Block.Writing is null && (_pinned is not null || session.Block.Pinned))
        {
            throw new PgException(
                SqlState.FeatureNotSupported, "a hint cannot say how a statement is read whose snapshot was taken before", "Send it by itself.");
        }

        return AsOfNow(session.Settings.ReadsWith(hint));
    }
}
