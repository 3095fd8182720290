using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Execution.Routes;

/// <summary>Gives the next statement's rows, or null at the end.</summary>
internal delegate ValueTask<RowCursor?> NextResult();

/// <summary>
/// Statements that wait for the end of their pipeline or query string, to take effect together as one entry of the log. What they hold is counted
/// until they have run or are dropped.
/// </summary>
internal sealed class GatheredBatch(SessionState session, WriterAccess writer)
{
    // A statement that fails when it runs, on every node alike, and so undoes a batch whose later part has failed.
    private static readonly Statement s_failing = new("SELECT abs(-9223372036854775807 - 1)"u8.ToArray(), default);

    private readonly List<BoundStatement> _statements = [];
    private readonly Replanning _replanning = new(session);

    // The name of a gathered statement may have been given to another one by the time it runs.
    private readonly List<PreparedStatement> _held = [];
    private long _bytes;
    private long _reserved;

    /// <exception cref="PgException">42501: the session's user may not run the statement; or 54000.</exception>
    public void Add(BoundStatement bound)
    {
        session.Access.Require(bound.Plan);
        session.Watch.Note(bound.Plan);
        session.Memory.Hold(bound.Prepared);
        _held.Add(bound.Prepared);
        var limits = session.Context.Options;
        _bytes += bound.Statement.Sql.Length + bound.Statement.Parameters.Length;
        if (_bytes + session.Output.HeldBytes > limits.PipelineBytesMax || _statements.Count >= limits.PipelineStatementsMax)
        {
            throw new PgException(
                SqlState.ProgramLimitExceeded,
                "too many statements or parameters for one implicit transaction",
                "Send Sync more often, or fewer statements in one string.");
        }

        // Settings may change before the batch runs.
        _statements.Add(session.WithSettings(bound));
    }

    /// <summary>Reserves memory for the gathered statements and for what their answers take.</summary>
    /// <exception cref="PgException">53200: they take more memory than there is left.</exception>
    public void Reserve(long answers)
    {
        var bytes = _bytes + answers;
        if (bytes > _reserved)
        {
            session.Memory.Reserve(bytes - _reserved);
            _reserved = bytes;
        }
    }

    /// <summary>Drops the statements that have not been taken, and what all of them hold.</summary>
    public void Drop()
    {
        foreach (var prepared in _held)
        {
            session.Memory.Drop(prepared);
        }

        _held.Clear();
        session.Memory.Release(_reserved);
        _reserved = 0;
        _statements.Clear();
        _bytes = 0;
    }

    /// <summary>Takes the statements out, to be run; what they hold stays counted until <see cref="Drop"/>.</summary>
    public BoundStatement[] Take()
    {
        var statements = _statements.ToArray();
        _statements.Clear();
        _bytes = 0;
        return statements;
    }

    /// <summary>Runs statements as one entry.</summary>
    /// <param name="rollBack">Runs them only for their answers: a later message has failed, and no effect may remain.</param>
    /// <param name="answer">Answers the statements.</param>
    /// <exception cref="PgException">A statement failed; none took effect.</exception>
    public async ValueTask RunAsync(IReadOnlyList<BoundStatement> statements, bool rollBack, Func<NextResult, ValueTask> answer)
    {
        var caller = session.CallerFor(statements);

        // The answers so far leave together with the rest: sent ahead they would cost a system call and wake the client for nothing.
        var taken = false;
        session.Wait = SessionWait.Writer;
        try
        {
            var write = writer.TakeOptions();
            if (rollBack)
            {
                // No effect remains, so nothing is to be remembered under the key.
                write = write with { IdempotencyKey = null };
            }

            var token = session.Cancellation.Token;
            var result = await _replanning.RunAsync(statements, (texts, version) =>
            {
                var batch = new StatementBatch(Texts(texts, rollBack), SessionState.Options | BatchOptions.Atomic)
                {
                    Caller = caller, SchemaVersion = version,
                };
                return Exists(statements, static plan => plan.IsKnownToWrite)
                    ? session.Database.ExecuteAsync(batch, write, token)
                    : session.Database.RequestAsync(batch, session.Reads() with { SchemaVersion = version }, write, token);
            }).ConfigureAwait(false);
            await using (result.ConfigureAwait(false))
            {
                session.Horizon.NoteWrite(result.RaftIndex);
                if (result.Replayed && write.IdempotencyKey is not null)
                {
                    session.Notice(new PgError(
                        Severity.Notice, SqlState.SuccessfulCompletion,
                        $"the write had run before, as entry {result.RaftIndex}; this is its first answer"));
                }

                var next = 0;
                await answer(async () =>
                {
                    var cursor = await result.NextAsync(token).ConfigureAwait(false);
                    return cursor is not null && next < statements.Count ? CountCursor.Of(statements[next++].Plan, cursor) : cursor;
                }).ConfigureAwait(false);

                // An answer that was another request's: the cached values of the sequences drawn from are that session's.
                taken = !result.Replayed;
            }
        }
        finally
        {
            session.Wait = SessionWait.None;
            if (!taken && caller is not null)
            {
                // The entry may have used values that the session has cached, without the session having heard of all of them.
                session.Sequences.DropCaches();
            }
        }
    }

    /// <summary>Runs statements one by one on the writer of the block, which was opened for them and for the BEGIN that comes next.</summary>
    public async ValueTask RunInBlockAsync(IReadOnlyList<BoundStatement> statements, Func<NextResult, ValueTask> answer)
    {
        var next = 0;
        await answer(RunNextAsync).ConfigureAwait(false);

        async ValueTask<RowCursor?> RunNextAsync() => CountCursor.Of(
            statements[next].Plan, await writer.RunAsync(statements[next++]).ConfigureAwait(false));
    }

    private static IReadOnlyList<Statement> Texts(IReadOnlyList<Statement> texts, bool rollBack) => rollBack ? [.. texts, s_failing] : texts;

    private static bool Exists(IReadOnlyList<BoundStatement> statements, Func<PlannedStatement, bool> holds)
    {
        foreach (var bound in statements)
        {
            if (holds(bound.Plan))
            {
                return true;
            }
        }

        return false;
    }
}
