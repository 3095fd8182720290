using Rqlite.Pg.Dialect;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Messages;

namespace Rqlite.Pg.Wire.Query;

/// <summary>A Query message: all statements of its text are one implicit transaction, unless the text opens one of its own.</summary>
internal sealed class SimpleQuery(PgSession session)
{
    // The bytes of a statement that is parsed, prepared and gathered.
    private const int StatementBytes = 1024;

    public async ValueTask RunAsync(string text)
    {
        await session.DropUnnamedAsync().ConfigureAwait(false);
        var statements = SqlParser.Parse(text, session.Context.Options.PipelineStatementsMax);
        if (statements.Count == 0)
        {
            BackendMessage.WriteEmptyQueryResponse(session.Output.Frames);
            return;
        }

        // The text is counted with its message; the objects of short statements are larger than their text.
        var bytes = (statements.Count - 1) * (long)StatementBytes;
        session.Memory.Reserve(bytes);
        try
        {
            var next = 0;
            while (next < statements.Count)
            {
                if (!session.Block.Open && statements[next].Kind != StatementKind.Transaction
                    && EndOfUnit(statements, next) is var end && FollowerOf(statements, end)?.Command is BeginTransaction)
                {
                    // PostgreSQL makes one block of the statements before a BEGIN and those after it.
                    session.OpenAhead();
                }

                next = session.Block.Open || statements[next].Kind == StatementKind.Transaction && !ClosesLater(statements, next)
                    ? await RunAloneAsync(statements, next).ConfigureAwait(false)
                    : await RunUnitAsync(statements, next).ConfigureAwait(false);
            }
        }
        finally
        {
            session.Memory.Release(bytes);
        }
    }

    private async ValueTask<int> RunAloneAsync(IReadOnlyList<ParsedStatement> statements, int at)
    {
        var parsed = statements[at];
        session.Block.RequireAlive(parsed);
        if (parsed.Kind != StatementKind.Run && parsed.Command is not ExecuteStatement)
        {
            await session.Commands.RunAsync(parsed).ConfigureAwait(false);
            return at + 1;
        }

        var (prepared, bound) = await PrepareAsync(parsed, laterMayKnow: false).ConfigureAwait(false);
        if (prepared.Writes)
        {
            await session.Writer.TakeAsync(prepared).ConfigureAwait(false);
        }

        await ReadAsync(prepared, bound).ConfigureAwait(false);
        return at + 1;
    }

    // Runs a unit, which ends before a transaction command, or with the COMMIT of a block that the text holds as a whole.
    private async ValueTask<int> RunUnitAsync(IReadOnlyList<ParsedStatement> statements, int start)
    {
        var end = EndOfUnit(statements, start);
        var unit = new List<(PreparedStatement Prepared, Statement Bound)>(end - start);
        var writes = false;
        PgException? failure = null;
        for (var i = start; i < end && failure is null; i++)
        {
            var parsed = statements[i];
            try
            {
                if (parsed.Kind == StatementKind.Run || parsed.Command is ExecuteStatement)
                {
                    var planned = await PrepareAsync(parsed, laterMayKnow: writes).ConfigureAwait(false);
                    unit.Add(planned);
                    writes |= planned.Prepared.Writes;
                }
                else
                {
                    unit.Add((PreparedStatement.Create("", parsed, null, []), new Statement(default, default)));
                }
            }
            catch (PgException exception) when (exception.Error.SqlState != SqlState.SyntaxError)
            {
                // A syntax error spoils the whole text, as in PostgreSQL; any other error is reported in its turn.
                failure = exception;
            }
        }

        if (unit.Count == 1 && failure is null && session.Statements.TryDraw(unit[0].Prepared) is { } drawn)
        {
            await using (drawn.ConfigureAwait(false))
            {
                await session.Sender.SendResultAsync(unit[0].Prepared, drawn).ConfigureAwait(false);
            }
        }
        else if (!writes)
        {
            await ReadUnitAsync(unit).ConfigureAwait(false);
        }
        else
        {
            await WriteUnitAsync(unit, failure is not null || (FollowerOf(statements, end) is { } command && Undoes(command))).ConfigureAwait(false);
        }

        return failure is null ? end : throw failure;
    }

    private async ValueTask WriteUnitAsync(List<(PreparedStatement Prepared, Statement Bound)> unit, bool rollBack)
    {
        session.Writer.RequireWritable(unit.First(s => s.Prepared.IsRun && s.Prepared.Writes).Prepared);
        if (unit.Exists(s => SessionCommands.SetsIdempotencyKey(s.Prepared.Parsed)))
        {
            throw SessionCommands.KeyTooLate();
        }

        var (first, end) = unit.Exists(s => session.Locks.Serves(s.Prepared)) ? await LockBeforeAsync(unit).ConfigureAwait(false) : (0, unit.Count);
        var pipeline = session.Pipeline;
        foreach (var (prepared, bound) in unit[first..end])
        {
            if (prepared.IsRun)
            {
                pipeline.Add(prepared, bound);
            }
            else
            {
                pipeline.AddCommand(prepared, null, 0);
            }
        }

        await pipeline.CompleteAsync(rollBack).ConfigureAwait(false);
        if (end < unit.Count && !rollBack)
        {
            await ReadUnitAsync(unit[end..]).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Runs the lock statements before the first write. Statements that use advisory locks cannot be part of the one entry that holds the
    /// writes; those that give locks back may follow the last write.
    /// </summary>
    /// <returns>The range of the statements in the entry.</returns>
    private async ValueTask<(int First, int End)> LockBeforeAsync(List<(PreparedStatement Prepared, Statement Bound)> unit)
    {
        var first = unit.FindIndex(s => s.Prepared.IsRun && s.Prepared.Writes);
        var last = unit.FindLastIndex(s => s.Prepared.IsRun && s.Prepared.Writes);
        var refused = unit[first..last].Any(s => session.Locks.Serves(s.Prepared)) || unit[last..].Any(s => s.Prepared.TakesLocks);
        if (refused)
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                "advisory locks cannot be used between the writes of one query string",
                "Send the statements one by one.");
        }

        await ReadUnitAsync(unit[..first]).ConfigureAwait(false);
        return (first, last + 1);
    }

    private async ValueTask ReadUnitAsync(List<(PreparedStatement Prepared, Statement Bound)> unit)
    {
        // Reads after a lock must be as new as the lock, so such a unit takes no snapshot.
        var reads = unit.Count(s => s.Prepared.IsRun);
        if (reads > 1 && !unit.Any(s => session.Locks.Serves(s.Prepared)))
        {
            await session.Statements.PinAsync().ConfigureAwait(false);
        }

        foreach (var (prepared, bound) in unit)
        {
            if (prepared.IsRun)
            {
                await ReadAsync(prepared, bound).ConfigureAwait(false);
            }
            else
            {
                await session.Commands.RunAsync(prepared.Parsed!).ConfigureAwait(false);
            }
        }

        await session.Statements.UnpinAsync().ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(PreparedStatement prepared, Statement bound)
    {
        var cursor = await session.Statements.ExecuteAsync(prepared, bound).ConfigureAwait(false);
        await using (cursor.ConfigureAwait(false))
        {
            await session.Sender.SendResultAsync(prepared, cursor).ConfigureAwait(false);
        }
    }

    private async ValueTask<(PreparedStatement Prepared, Statement Bound)> PrepareAsync(ParsedStatement parsed, bool laterMayKnow)
    {
        if (parsed.Command is ExecuteStatement execute)
        {
            return session.Commands.Bind(execute);
        }

        if (parsed.ParameterCount > 0)
        {
            throw new PgException(SqlState.UndefinedParameter, "there is no parameter $1");
        }

        var prepared = await session.Statements.PrepareAsync("", parsed, default, laterMayKnow).ConfigureAwait(false);
        return (prepared, prepared.Bind(default));
    }

    /// <summary>The transaction command that follows a unit which is still open; null if the unit ends by itself.</summary>
    private static ParsedStatement? FollowerOf(IReadOnlyList<ParsedStatement> statements, int end) =>
        end < statements.Count && statements[end - 1].Kind != StatementKind.Transaction ? statements[end] : null;

    // True for commands that undo the unit before them: ROLLBACK, and those that fail outside of a block.
    private static bool Undoes(ParsedStatement parsed) =>
        parsed.Kind == StatementKind.Transaction && parsed.Command is not (BeginTransaction or CommitTransaction { Chain: false });

    private static int EndOfUnit(IReadOnlyList<ParsedStatement> statements, int start)
    {
        for (var i = start; i < statements.Count; i++)
        {
            if (statements[i].Kind == StatementKind.Transaction)
            {
                return ClosesLater(statements, i) ? CloseOf(statements, i) + 1 : i;
            }
        }

        return statements.Count;
    }

    // True for a BEGIN whose COMMIT is in the same text: then the whole block can be one entry.
    private static bool ClosesLater(IReadOnlyList<ParsedStatement> statements, int at) => CloseOf(statements, at) > at;

    private static int CloseOf(IReadOnlyList<ParsedStatement> statements, int at)
    {
        if (statements[at].Command is not BeginTransaction { Immediate: false } begin || begin.Modes != TransactionModes.None)
        {
            return -1;
        }

        for (var i = at + 1; i < statements.Count; i++)
        {
            if (statements[i].Kind == StatementKind.Transaction)
            {
                return statements[i].Command is CommitTransaction { Chain: false } ? i : -1;
            }
        }

        return -1;
    }
}
