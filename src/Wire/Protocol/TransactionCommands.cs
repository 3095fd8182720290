using Rqlite.Pg.Cluster;
using Rqlite.Pg.Dialect;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;
using Rqlite.Pg.Wire.Planning;
using Rqlite.Pg.Wire.Session;

namespace Rqlite.Pg.Wire.Protocol;

/// <summary>BEGIN, COMMIT, ROLLBACK and the savepoint commands, with PostgreSQL's warnings and errors for those at the wrong time.</summary>
internal sealed class TransactionCommands(PgSession session)
{
    // The bytes of a savepoint in all objects that keep it.
    private const long SavepointBytes = 512;

    private readonly SessionState _state = session.State;

    /// <summary>Opens an implicit block; a BEGIN that comes later takes it over.</summary>
    public void OpenImplicit()
    {
        _state.Settings.BeginTransaction();
        _state.Block.Begin(_state.Settings.TransactionModes);
        _state.Block.Implicit = true;
    }

    /// <summary>Commits an implicit block, unless a BEGIN has taken it over.</summary>
    public async ValueTask CommitImplicitAsync()
    {
        if (_state.Block.Implicit)
        {
            _state.Block.Implicit = false;
            await EndAsync(commit: true, chain: false, "COMMIT").ConfigureAwait(false);
        }
    }

    /// <summary>Runs the command and returns the tag of its CommandComplete.</summary>
    public async ValueTask<string> ApplyAsync(StatementPart part)
    {
        var token = _state.Cancellation.Token;
        switch (part.Command)
        {
            case BeginTransaction begin:
                await BeginAsync(begin).ConfigureAwait(false);
                break;
            case CommitTransaction { Chain: var chain }:
                return await EndAsync(commit: true, chain, "COMMIT").ConfigureAwait(false);
            case RollbackTransaction { Chain: var chain }:
                return await EndAsync(commit: false, chain, "ROLLBACK").ConfigureAwait(false);
            case DefineSavepoint savepoint:
                RequireBlock("SAVEPOINT");
                _state.Memory.ReserveForTransaction(SavepointBytes + (2L * savepoint.Name.Length));
                await _state.Scopes.DefineAsync(savepoint.Name, token).ConfigureAwait(false);
                break;
            case ReleaseSavepoint savepoint:
                RequireBlock("RELEASE SAVEPOINT");
                await _state.Scopes.ReleaseAsync(savepoint.Name, token).ConfigureAwait(false);
                break;
            case RollbackToSavepoint savepoint:
                RequireBlock("ROLLBACK TO SAVEPOINT");
                await _state.Scopes.ReturnAsync(savepoint.Name, token).ConfigureAwait(false);
                break;
            default:
                throw new PgException(SqlState.FeatureNotSupported, $"{part.Tag} is not supported");
        }

        return part.Tag;
    }

    private async ValueTask BeginAsync(BeginTransaction begin)
    {
        if (_state.Block.Implicit)
        {
            _state.Block.Implicit = false;
            await AdoptAsync(begin).ConfigureAwait(false);
            return;
        }

        if (_state.Block.Open)
        {
            _state.Notice(PgError.Warning(SqlState.ActiveSqlTransaction, "there is already a transaction in progress"));
            _state.Block.SetModes(begin.Modes);
            return;
        }

        var modes = _state.Settings.TransactionModes;
        if (_state.Horizon.HasQueried && begin.Modes.Isolation is { } isolation && isolation != modes.Isolation)
        {
            throw TransactionBlock.IsolationTooLate();
        }

        _state.Block.Begin(new TransactionModes(
            begin.Modes.Isolation ?? modes.Isolation, begin.Modes.ReadOnly ?? modes.ReadOnly, begin.Modes.Deferrable ?? modes.Deferrable));
        if (begin.Immediate)
        {
            await session.Executor.Writer.TakeAsync("BEGIN IMMEDIATE", _state.Settings.LockTimeout).ConfigureAwait(false);
        }
    }

    // Applies a BEGIN to its block, in which the statements before it have run already; a mode that comes too late for them ends the block.
    private async ValueTask AdoptAsync(BeginTransaction begin)
    {
        try
        {
            _state.Block.SetModes(begin.Modes);
        }
        catch (PgException)
        {
            await _state.Scopes.RollbackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<string> EndAsync(bool commit, bool chain, string verb)
    {
        var block = _state.Block;
        if (chain && (!block.Open || block.Implicit))
        {
            throw new PgException(SqlState.NoActiveSqlTransaction, $"{verb} AND CHAIN can only be used in transaction blocks");
        }

        // Also outside of a block: this is the end of what a pipeline has done so far. Cursors are closed before the COMMIT.
        await _state.Portals.EndTransactionAsync().ConfigureAwait(false);
        if (!block.Open)
        {
            _state.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
            if (!commit)
            {
                await _state.Scopes.RollbackAsync().ConfigureAwait(false);
            }

            return verb;
        }

        if (block.Implicit)
        {
            _state.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
        }

        var committed = commit && block.Status == TransactionStatus.InBlock;
        var modes = _state.Settings.TransactionModes;
        if (committed)
        {
            await CommitAsync(block).ConfigureAwait(false);
            await _state.Scopes.CommitAsync().ConfigureAwait(false);
        }
        else
        {
            await _state.Scopes.RollbackAsync().ConfigureAwait(false);
        }

        if (chain)
        {
            _state.Settings.BeginTransaction();
            block.Begin(modes);
        }

        return committed ? "COMMIT" : "ROLLBACK";
    }

    // Commits the block in the database.
    private async ValueTask CommitAsync(TransactionBlock block)
    {
        if (block.Writing is not { } writing)
        {
            return;
        }

        _state.Listening.Prepare();
        try
        {
            await session.Executor.Constraints.CheckAsync().ConfigureAwait(false);
            var result = await _state.Output.AwaitAsync(writing.CommitAsync(_state.Cancellation.Token)).ConfigureAwait(false);
            if (result.Error is { } error)
            {
                throw new PgException(ErrorMapping.From(error, 0, "COMMIT", cancelled: false));
            }

            _state.Horizon.NoteWrite(result.Index);
        }
        catch (ClusterException exception) when (exception.Error == ClusterError.OutcomeUnknown)
        {
            // The session ends with the error: in a session that goes on it would pass for a COMMIT that has failed.
            throw new PgException(ErrorMapping.From(exception)! with { Severity = Severity.Fatal });
        }
        catch
        {
            // A failed COMMIT ends the block all the same.
            await _state.Scopes.RollbackAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void RequireBlock(string command)
    {
        if (!_state.Block.Open || _state.Block.Implicit)
        {
            throw new PgException(SqlState.NoActiveSqlTransaction, $"{command} can only be used in transaction blocks");
        }
    }
}
