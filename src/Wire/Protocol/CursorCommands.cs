using System.Buffers;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>
/// DECLARE, FETCH and MOVE, as the manual's pages of these commands say. A cursor is a portal. Rows that may be asked for again are kept: all of a SCROLL
/// cursor, of one that says neither SCROLL nor NO SCROLL as long as they are few; then it moves forward only.
/// </summary>
internal sealed class CursorCommands(PgSession session)
{
    private const long KeptBytesMax = 1 << 20;

    private readonly SessionState _state = session.State;

    /// <param name="query">The cursor's query with its values.</param>
    public async ValueTask DeclareAsync(DeclareCursor declare, PlannedStatement query, Statement statement)
    {
        if (query.Defines)
        {
            throw new PgException(SqlState.SyntaxError, "SELECT ... INTO is not allowed here");
        }

        var cursor = new DeclaredCursor(declare.Options);
        RequireSense(declare.Options, query);
        if (!cursor.IsHoldable && !_state.Block.Open)
        {
            throw new PgException(SqlState.NoActiveSqlTransaction, "DECLARE CURSOR can only be used in transaction blocks");
        }

        _state.Portals.RequireFree(declare.Name, _state.Context.Options.PortalsMax);
        if (!_state.Block.Open)
        {
            session.Transactions.OpenImplicit();
        }

        var bound = new BoundStatement(new PreparedStatement("", query, _state.Round), statement);
        var portal = new Portal(declare.Name, bound, cursor.IsBinary ? [1] : []) { Declared = cursor, State = PortalState.Suspended };
        try
        {
            await session.OpenAsync(portal, session.Executor.RouteOf(query, announces: true)).ConfigureAwait(false);
            var schema = portal.Cursor!.Schema;
            portal.Columns = ResultColumns.Announce(query.ColumnsOf(schema), portal.RowAtHand ? portal.Cursor : null, portal.Formats);
            cursor.Kept = cursor.IsScrollable || cursor.IsHoldable ? new KeptRows(schema) : null;
            await _state.Portals.AddAsync(portal).ConfigureAwait(false);
        }
        catch
        {
            await portal.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        while (cursor.IsHoldable && !cursor.Ended)
        {
            await ReadAsync(portal, cursor).ConfigureAwait(false);
        }
    }

    /// <summary>The columns of a FETCH; none for a MOVE, and for a cursor that does not exist.</summary>
    /// <param name="formats">Format codes as in Bind.</param>
    public OutputColumn[] ColumnsOf(FetchCursor fetch, ReadOnlySpan<short> formats)
    {
        if (fetch.Moves || _state.Portals.Find(fetch.Name) is not { Declared: { } cursor, Columns: { } columns })
        {
            return [];
        }

        var result = new OutputColumn[columns.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var format = formats.Length == 0 ? (short)0 : formats[formats.Length == 1 ? 0 : i];
            result[i] = columns[i] with { Binary = cursor.IsBinary || format == 1 };
        }

        return result;
    }

    /// <summary>Runs a FETCH or MOVE.</summary>
    /// <param name="formats">Format codes as in Bind.</param>
    /// <param name="announces">The columns are sent before the first row.</param>
    /// <param name="rows">Where a FETCH writes its rows; null for the client.</param>
    /// <returns>The number of rows sent, or of those that a FETCH would have sent.</returns>
    /// <exception cref="PgException">34000, 55000, or the query's error.</exception>
    public async ValueTask<long> RunAsync(FetchCursor fetch, short[] formats, bool announces = false, IBufferWriter<byte>? rows = null)
    {
        var output = fetch.Moves ? null : new Target(ColumnsOf(fetch, formats), rows) { Announces = announces };
        var count = await MoveAsync(fetch, output).ConfigureAwait(false);
        if (output is not null)
        {
            Announce(output);
        }

        return count;
    }

    private async ValueTask<long> MoveAsync(FetchCursor fetch, Target? output)
    {
        var portal = _state.Portals.Find(fetch.Name)
            ?? throw new PgException(SqlState.InvalidCursorName, $"cursor \"{fetch.Name}\" does not exist");
        if (portal.Declared is not { } cursor)
        {
            throw new PgException(SqlState.FeatureNotSupported, $"FETCH and MOVE on a portal that was made by Bind are not supported: \"{fetch.Name}\"");
        }

        var (direction, count) = (fetch.Direction, fetch.Count);
        if (direction is FetchDirection.Forward or FetchDirection.Backward && count < 0)
        {
            (direction, count) = (direction == FetchDirection.Forward ? FetchDirection.Backward : FetchDirection.Forward, -count);
        }

        switch (direction)
        {
            case FetchDirection.Absolute when count < 0:
                await ForwardAsync(portal, cursor, long.MaxValue, null).ConfigureAwait(false);
                return await StandOnAsync(cursor, Math.Max(0, cursor.Read + 1 + count), output).ConfigureAwait(false);
            case FetchDirection.Absolute when count <= cursor.Position && (count > 0 || cursor.Position > 0):
                return await StandOnAsync(cursor, count, output).ConfigureAwait(false);
            case FetchDirection.Absolute when count == 0:
                return 0;
            case FetchDirection.Absolute:
                await ForwardAsync(portal, cursor, count - 1 - cursor.Position, null).ConfigureAwait(false);
                return await ForwardAsync(portal, cursor, 1, output).ConfigureAwait(false);
            case FetchDirection.Relative when count < 0:
                await BackwardAsync(cursor, -count - 1, null).ConfigureAwait(false);
                return await BackwardAsync(cursor, 1, output).ConfigureAwait(false);
            case FetchDirection.Relative when count > 0:
                await ForwardAsync(portal, cursor, count - 1, null).ConfigureAwait(false);
                return await ForwardAsync(portal, cursor, 1, output).ConfigureAwait(false);
            case FetchDirection.Relative:
            case FetchDirection.Forward or FetchDirection.Backward when count == 0:
                return cursor.Position == 0 || cursor.Position > cursor.Read ? 0
                    : output is null ? 1
                    : await StandOnAsync(cursor, cursor.Position, output).ConfigureAwait(false);
            case FetchDirection.Forward:
                return await ForwardAsync(portal, cursor, count, output).ConfigureAwait(false);
            default:
                return await BackwardAsync(cursor, count, output).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the portal of a cursor by an Execute message.</summary>
    public async ValueTask ExecuteAsync(Portal portal, long max)
    {
        var fetch = new FetchCursor(portal.Name, FetchDirection.Forward, max == 0 ? long.MaxValue : max, Moves: false);
        var rows = await RunAsync(fetch, portal.Formats).ConfigureAwait(false);
        if (max > 0 && rows == max)
        {
            BackendMessage.WritePortalSuspended(_state.Output.Frames);
        }
        else
        {
            session.Sender.WriteTag(portal.Plan, rows);
        }
    }

    private static void RequireSense(CursorOptions options, PlannedStatement query)
    {
        const CursorOptions Scrolls = CursorOptions.Scroll | CursorOptions.NoScroll;
        const CursorOptions Sensitivities = CursorOptions.Insensitive | CursorOptions.Asensitive;
        if ((options & Scrolls) == Scrolls)
        {
            throw new PgException(SqlState.InvalidCursorDefinition, "cannot specify both SCROLL and NO SCROLL");
        }

        if ((options & Sensitivities) == Sensitivities)
        {
            throw new PgException(SqlState.InvalidCursorDefinition, "cannot specify both ASENSITIVE and INSENSITIVE");
        }

        if (query.Locking is { } locking)
        {
            RequireUnlocked(options, CursorOptions.Hold, SqlState.FeatureNotSupported, $"DECLARE CURSOR WITH HOLD ... {Clause(locking)} is not supported", "Holdable");
            RequireUnlocked(options, CursorOptions.Scroll, SqlState.FeatureNotSupported, $"DECLARE SCROLL CURSOR ... {Clause(locking)} is not supported", "Scrollable");
            RequireUnlocked(
                options, CursorOptions.Insensitive, SqlState.InvalidCursorDefinition, $"DECLARE INSENSITIVE CURSOR ... {Clause(locking)} is not valid", "Insensitive");
        }
    }

    private static void RequireUnlocked(CursorOptions options, CursorOptions option, string state, string message, string kind)
    {
        if ((options & option) != 0)
        {
            throw new PgException(PgError.Error(state, message) with { Detail = $"{kind} cursors must be READ ONLY." });
        }
    }

    private static string Clause(LockingClause locking) => Execution.WriterAccess.TagOf(locking)["SELECT ".Length..];

    private async ValueTask<long> ForwardAsync(Portal portal, DeclaredCursor cursor, long count, Target? output)
    {
        var rows = 0L;
        for (; rows < count; rows++)
        {
            if (cursor.Position >= cursor.Read && (cursor.Ended || !await ReadAsync(portal, cursor).ConfigureAwait(false)))
            {
                cursor.Position = cursor.Read + 1;
                break;
            }

            cursor.Position++;
            if (output is not null)
            {
                var row = cursor.Position == cursor.Read && portal.Cursor is { } live ? live : cursor.Kept![(int)cursor.Position - 1];
                await SendAsync(row, output).ConfigureAwait(false);
            }
        }

        return rows;
    }

    private async ValueTask<long> BackwardAsync(DeclaredCursor cursor, long count, Target? output)
    {
        var rows = 0L;
        for (; rows < count; rows++)
        {
            RequireScroll(cursor);
            cursor.Position = Math.Max(0, cursor.Position - 1);
            if (cursor.Position == 0)
            {
                break;
            }

            if (output is not null)
            {
                await SendAsync(cursor.Kept![(int)cursor.Position - 1], output).ConfigureAwait(false);
            }
        }

        return rows;
    }

    /// <summary>Moves back to a row, or stays on it.</summary>
    private async ValueTask<long> StandOnAsync(DeclaredCursor cursor, long position, Target? output)
    {
        RequireScroll(cursor);
        cursor.Position = position;
        if (position == 0 || position > cursor.Read)
        {
            return 0;
        }

        if (output is not null)
        {
            await SendAsync(cursor.Kept![(int)position - 1], output).ConfigureAwait(false);
        }

        return 1;
    }

    /// <summary>Takes one row more from the result, if there is one.</summary>
    private async ValueTask<bool> ReadAsync(Portal portal, DeclaredCursor cursor)
    {
        var live = portal.Cursor!;
        if (!portal.RowAtHand && !await session.Sender.NextRowAsync(live).ConfigureAwait(false))
        {
            cursor.Ended = true;
            session.Sender.End(new StatementRun(portal.Bound), live.Outcome);
            await portal.DisposeAsync().ConfigureAwait(false);
            return false;
        }

        portal.RowAtHand = false;
        cursor.Read++;
        if (cursor.Kept is not { } kept)
        {
            return true;
        }

        var before = kept.Bytes;
        kept.Add(live);
        _state.Portals.Grow(portal, kept.Bytes - before);
        if (kept.Bytes > KeptBytesMax && !cursor.IsHoldable && (cursor.Options & CursorOptions.Scroll) == 0)
        {
            cursor.Kept = null;
            cursor.IsScrollable = false;
            _state.Portals.Shrink(portal, kept.Bytes);
        }

        return true;
    }

    private void Announce(Target output)
    {
        if (output.Announces)
        {
            output.Announces = false;
            RowDescription.Write(_state.Output.Frames, _state.Output.Encoding, output.Columns);
        }
    }

    private async ValueTask SendAsync(RowCursor row, Target output)
    {
        Announce(output);
        DataRow.Write(output.Rows ?? _state.Output.Frames, _state.Output.Encoding, row, output.Columns, session.Sender.Format);
        if (output.Rows is null && _state.Output.FlushIsDue)
        {
            await _state.Output.FlushAsync().ConfigureAwait(false);
            _state.Cancellation.Token.ThrowIfCancellationRequested();
        }
    }

    private static void RequireScroll(DeclaredCursor cursor)
    {
        if (!cursor.IsScrollable)
        {
            throw new PgException(
                SqlState.ObjectNotInPrerequisiteState, "cursor can only scan forward", "Declare it with SCROLL option to enable backward scan.");
        }
    }

    /// <summary>Where the rows of a FETCH go.</summary>
    private sealed class Target(OutputColumn[] columns, IBufferWriter<byte>? rows)
    {
        public OutputColumn[] Columns => columns;

        public IBufferWriter<byte>? Rows => rows;

        /// <summary>The columns have to be sent yet.</summary>
        public bool Announces { get; set; }
    }
}
