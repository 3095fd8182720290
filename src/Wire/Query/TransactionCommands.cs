using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>BEGIN, COMMIT, ROLLBACK and the savepoint commands, with PostgreSQL's warnings and errors for those at the wrong time.</summary>
internal sealed class TransactionCommands(PgSession session)
{
    // The bytes of a savepoint in all objects that keep it.
    private const long SavepointBytes = 512;

    /// <summary>Runs the command and returns the tag of its CommandComplete.</summary>
    public async ValueTask<string> ApplyAsync(ParsedStatement parsed)
    {
        var block = session.Block;
        switch (parsed.Command)
        {
            case BeginTransaction begin:
                await BeginAsync(begin).ConfigureAwait(false);
                return parsed.CommandTag;
            case CommitTransaction { Chain: var chain }:
                return await EndAsync(commit: true, chain, "COMMIT").ConfigureAwait(false);
            case RollbackTransaction { Chain: var chain }:
                return await EndAsync(commit: false, chain, "ROLLBACK").ConfigureAwait(false);
            case DefineSavepoint savepoint:
                RequireBlock("SAVEPOINT");
                session.Memory.ReserveForTransaction(SavepointBytes + (2L * savepoint.Name.Length));
                await block.DefineSavepointAsync(savepoint.Name, session.Cancellation.Token).ConfigureAwait(false);
                session.Settings.DefineSavepoint(savepoint.Name);
                session.Listening.DefineSavepoint(savepoint.Name);
                session.Locks.DefineSavepoint(savepoint.Name);
                return parsed.CommandTag;
            case ReleaseSavepoint savepoint:
                RequireBlock("RELEASE SAVEPOINT");
                session.Names.LowerPortals(await block.ReleaseSavepointAsync(savepoint.Name, session.Cancellation.Token).ConfigureAwait(false));
                session.Settings.ReleaseSavepoint(savepoint.Name);
                session.Listening.ReleaseSavepoint(savepoint.Name);
                session.Locks.ReleaseSavepoint(savepoint.Name);
                return parsed.CommandTag;
            case RollbackToSavepoint savepoint:
                RequireBlock("ROLLBACK TO SAVEPOINT");
                await block.RollbackToSavepointAsync(savepoint.Name, session.Cancellation.Token).ConfigureAwait(false);
                await session.Names.ClosePortalsAsync(block.Level).ConfigureAwait(false);
                session.Settings.RollbackToSavepoint(savepoint.Name);
                session.Listening.RollbackToSavepoint(savepoint.Name);

                // Called last: it may let other transactions write, and a later statement on the writer would take it back.
                await session.Locks.RollbackToSavepointAsync(savepoint.Name).ConfigureAwait(false);
                return parsed.CommandTag;
            default:
                throw new PgException(SqlState.FeatureNotSupported, $"{parsed.CommandTag} is not supported");
        }
    }

    private async ValueTask BeginAsync(BeginTransaction begin)
    {
        if (session.Block.Ahead)
        {
            session.Block.Ahead = false;
            await AdoptAsync(begin).ConfigureAwait(false);
            return;
        }

        if (session.Block.Open)
        {
            session.Notice(PgError.Warning(SqlState.ActiveSqlTransaction, "there is already a transaction in progress"));
            session.Block.SetModes(begin.Modes);
            session.Settings.Set(begin.Modes, sessionDefault: false);
            return;
        }

        if (session.Statements.HasQueried && begin.Modes.Isolation is { } isolation && isolation != session.DefaultIsolation)
        {
            throw TransactionBlock.IsolationTooLate();
        }

        session.Block.Begin(
            begin.Modes.Isolation ?? session.DefaultIsolation, begin.Modes.ReadOnly ?? session.Settings.TransactionReadOnly);
        session.Settings.Set(begin.Modes, sessionDefault: false);
        if (begin.Immediate)
        {
            await session.Writer.TakeAsync("BEGIN IMMEDIATE", session.Settings.LockTimeout).ConfigureAwait(false);
        }
    }

    // Applies a BEGIN to its block, in which the statements before it have run already; a mode that comes too late for them ends the block.
    private async ValueTask AdoptAsync(BeginTransaction begin)
    {
        try
        {
            session.Block.SetModes(begin.Modes);
            session.Settings.Set(begin.Modes, sessionDefault: false);
        }
        catch (PgException)
        {
            await session.Block.EndAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<string> EndAsync(bool commit, bool chain, string verb)
    {
        var block = session.Block;
        if (!block.Open)
        {
            // The end of what a pipeline has done so far.
            await session.Names.ClosePortalsAsync().ConfigureAwait(false);
            if (chain)
            {
                throw new PgException(SqlState.NoActiveSqlTransaction, $"{verb} AND CHAIN can only be used in transaction blocks");
            }

            session.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
            if (!commit)
            {
                session.Settings.Rollback();
                session.Listening.Rollback();
            }

            return verb;
        }

        var committed = commit && block.Status == TransactionStatus.InBlock;
        var (isolation, readOnly) = (block.Isolation, block.ReadOnly);
        await session.Names.ClosePortalsAsync().ConfigureAwait(false);
        if (committed)
        {
            await CommitAsync(block).ConfigureAwait(false);
        }

        await block.EndAsync().ConfigureAwait(false);
        await session.Locks.EndTransactionAsync().ConfigureAwait(false);
        if (committed)
        {
            session.Settings.Commit();
            session.Listening.Commit();
        }
        else
        {
            session.Settings.Rollback();
            session.Listening.Rollback();
        }

        if (chain)
        {
            block.Begin(isolation, readOnly);
            session.Settings.BeginTransaction();
            session.Settings.Set(new TransactionModes(isolation, readOnly, null), sessionDefault: false);
        }

        return committed ? "COMMIT" : "ROLLBACK";
    }

    private async ValueTask CommitAsync(TransactionBlock block)
    {
        if (block.Writing is not { } writing)
        {
            return;
        }

        session.Listening.Prepare();
        try
        {
            var result = await session.Output.AwaitAsync(writing.CommitAsync(session.Cancellation.Token)).ConfigureAwait(false);
            if (result.Error is { } error)
            {
                throw new PgException(ErrorMapping.From(error, 0, "COMMIT", cancelled: false));
            }

            session.Statements.Saw(result.Index);
        }
        catch (ClusterException exception) when (exception.Error == ClusterError.OutcomeUnknown)
        {
            // The session ends with the error: in a session that goes on it would pass for a COMMIT that has failed.
            throw new PgException(ErrorMapping.From(exception)! with { Severity = Severity.Fatal });
        }
        catch
        {
            // A failed COMMIT ends the block all the same.
            await block.EndAsync().ConfigureAwait(false);
            session.Settings.Rollback();
            session.Listening.Rollback();
            throw;
        }
    }

    private void RequireBlock(string command)
    {
        if (!session.Block.Open)
        {
            throw new PgException(SqlState.NoActiveSqlTransaction, $"{command} can only be used in transaction blocks");
        }
    }
}
