using Rqlite.Pg.Dialect;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>BEGIN, COMMIT, ROLLBACK and the savepoint commands, with PostgreSQL's answers to those that come at the wrong time.</summary>
internal sealed class TransactionCommands(PgSession session)
{
    /// <summary>Runs the command and gives the tag of its CommandComplete.</summary>
    public async ValueTask<string> ApplyAsync(ParsedStatement parsed)
    {
        var block = session.Block;
        switch (parsed.Command)
        {
            case BeginTransaction begin:
                Begin(begin);
                return parsed.CommandTag;
            case CommitTransaction { Chain: var chain }:
                return await EndAsync(commit: true, chain, "COMMIT").ConfigureAwait(false);
            case RollbackTransaction { Chain: var chain }:
                return await EndAsync(commit: false, chain, "ROLLBACK").ConfigureAwait(false);
            case DefineSavepoint savepoint:
                RequireBlock("SAVEPOINT");
                block.DefineSavepoint(savepoint.Name);
                session.Settings.DefineSavepoint(savepoint.Name);
                return parsed.CommandTag;
            case ReleaseSavepoint savepoint:
                RequireBlock("RELEASE SAVEPOINT");
                block.ReleaseSavepoint(savepoint.Name);
                session.Settings.ReleaseSavepoint(savepoint.Name);
                return parsed.CommandTag;
            case RollbackToSavepoint savepoint:
                RequireBlock("ROLLBACK TO SAVEPOINT");
                block.RollbackToSavepoint(savepoint.Name);
                session.Settings.RollbackToSavepoint(savepoint.Name);
                return parsed.CommandTag;
            default:
                throw new PgException(SqlState.FeatureNotSupported, $"{parsed.CommandTag} is not supported");
        }
    }

    private void Begin(BeginTransaction begin)
    {
        if (session.Block.Open)
        {
            session.Notice(PgError.Warning(SqlState.ActiveSqlTransaction, "there is already a transaction in progress"));
            session.Block.SetModes(begin.Modes);
            session.Settings.Set(begin.Modes, sessionDefault: false);
            return;
        }

        if (begin.Immediate)
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                "BEGIN IMMEDIATE is not supported",
                "Use BEGIN to read, and send writes in one query string or one pipeline.");
        }

        session.Block.Begin(
            begin.Modes.Isolation ?? session.DefaultIsolation, begin.Modes.ReadOnly ?? session.Settings.TransactionReadOnly);
        session.Settings.Set(begin.Modes, sessionDefault: false);
    }

    private async ValueTask<string> EndAsync(bool commit, bool chain, string verb)
    {
        var block = session.Block;
        if (!block.Open)
        {
            if (chain)
            {
                throw new PgException(SqlState.NoActiveSqlTransaction, $"{verb} AND CHAIN can only be used in transaction blocks");
            }

            session.Notice(PgError.Warning(SqlState.NoActiveSqlTransaction, "there is no transaction in progress"));
            if (!commit)
            {
                session.Settings.Rollback();
            }

            return verb;
        }

        var committed = commit && block.Status == TransactionStatus.InBlock;
        var (isolation, readOnly) = (block.Isolation, block.ReadOnly);
        await session.Names.ClosePortalsAsync().ConfigureAwait(false);
        await block.EndAsync().ConfigureAwait(false);
        if (committed)
        {
            session.Settings.Commit();
        }
        else
        {
            session.Settings.Rollback();
        }

        if (chain)
        {
            block.Begin(isolation, readOnly);
            session.Settings.BeginTransaction();
            session.Settings.Set(new TransactionModes(isolation, readOnly, null), sessionDefault: false);
        }

        return committed ? "COMMIT" : "ROLLBACK";
    }

    private void RequireBlock(string command)
    {
        if (!session.Block.Open)
        {
            throw new PgException(SqlState.NoActiveSqlTransaction, $"{command} can only be used in transaction blocks");
        }
    }
}
