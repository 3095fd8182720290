using Rqlite.Pg.Cluster;
using Rqlite.Pg.Storage;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Query;

/// <summary>
/// The session's advisory locks. A statement that uses them is no part of the transaction around it, since other sessions must see its effect
/// at once: it runs as an entry of its own, and is answered when its locks are granted.
/// </summary>
internal sealed class AdvisoryLocking(PgSession session) : IDisposable
{
    private const string AdvisoryLocksLost =
        "terminating connection: this node lost contact with the cluster, and the session's advisory locks may have been given to others";

    private static readonly Statement s_unlockAll = new("SELECT pg_advisory_unlock_all()"u8.ToArray(), default);

    private readonly List<(string Name, long Mark)> _savepoints = [];
    private ISessionLocks? _locks;

    /// <summary>Opens the session's locks.</summary>
    /// <param name="wake">Makes the connection's loop look at the session, from any thread.</param>
    /// <returns>The session's number.</returns>
    public long Begin(Action wake)
    {
        _locks = session.Context.Database.Locks?.Open(wake);
        return _locks?.Session ?? session.Context.NextSession();
    }

    /// <summary>True for a statement that runs here.</summary>
    public bool Serves(PreparedStatement prepared) =>
        _locks is not null && (prepared.UsesLocks || (prepared.GivesAllLocksBack && _locks.MayHold));

    /// <exception cref="PgException">Another session may have the locks by now: this session ends.</exception>
    public void RequireHeld()
    {
        if (_locks is { Lost: true })
        {
            throw Lost();
        }
    }

    public async ValueTask<RowCursor> RunAsync(PreparedStatement prepared, Statement bound)
    {
        if (session.Block.Open && prepared.HasOtherEffects)
        {
            throw new PgException(
                SqlState.FeatureNotSupported, "advisory locks cannot be used together with sequences or notifications in a transaction block");
        }

        var result = await RunAsync(bound).ConfigureAwait(false);
        session.Sender.Warn(result.Warnings);
        return await result.Result.NextAsync(CancellationToken.None).ConfigureAwait(false)
            ?? throw new InvalidOperationException("A statement left no result.");
    }

    /// <summary>Gives back the locks of the transaction that has ended.</summary>
    public ValueTask EndTransactionAsync()
    {
        _savepoints.Clear();
        return _locks is { MayHoldForTransaction: true } locks ? locks.EndTransactionAsync(CancellationToken.None) : default;
    }

    public void DefineSavepoint(string name) => _savepoints.Add((name, _locks?.Mark ?? 0));

    public void ReleaseSavepoint(string name)
    {
        if (Find(name) is >= 0 and var at)
        {
            _savepoints.RemoveRange(at, _savepoints.Count - at);
        }
    }

    /// <summary>Gives back the locks that the transaction has taken for itself since the savepoint.</summary>
    public async ValueTask RollbackToSavepointAsync(string name)
    {
        if (Find(name) is >= 0 and var at)
        {
            await RollBackAsync(_savepoints[at].Mark).ConfigureAwait(false);
            _savepoints.RemoveRange(at + 1, _savepoints.Count - at - 1);
        }
    }

    /// <summary>Gives back the locks taken since the last savepoint, at once when the transaction fails.</summary>
    public ValueTask FailAsync() => _savepoints.Count > 0 ? RollBackAsync(_savepoints[^1].Mark) : default;

    /// <summary>Gives back the session-level locks.</summary>
    public async ValueTask ReleaseAsync()
    {
        if (_locks is { MayHold: true })
        {
            await RunAsync(s_unlockAll).ConfigureAwait(false);
        }
    }

    public void Dispose() => _locks?.Dispose();

    private static PgException Lost() => PgException.Fatal(SqlState.AdminShutdown, AdvisoryLocksLost);

    private int Find(string name) => _savepoints.FindLastIndex(savepoint => savepoint.Name == name);

    private async ValueTask RollBackAsync(long mark)
    {
        if (_locks is not { MayHoldForTransaction: true } locks || locks.Mark <= mark)
        {
            return;
        }

        try
        {
            // Giving back is a write, which would wait for the session's own transaction.
            if (session.Block.Writing is not { } writing
                || await session.Output.AwaitAsync(writing.SuspendAsync(CancellationToken.None)).ConfigureAwait(false))
            {
                await locks.RollBackAsync(mark, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ClusterException)
        {
            // The transaction's next statement reports the failure; its end gives back all locks.
        }
    }

    private async ValueTask<LockedResult> RunAsync(Statement bound)
    {
        // The holder of the lock may have to write before it gives the lock back.
        if (session.Block.Writing is { } writing
            && !await session.Output.AwaitAsync(writing.SuspendAsync(session.Cancellation.Token)).ConfigureAwait(false))
        {
            throw new PgException(
                SqlState.FeatureNotSupported,
                "advisory locks cannot be taken or given back in a transaction that has done this much",
                "Take the lock before the first write, and give it back behind the end of the transaction.");
        }

        using var limited = session.Cancellation.Within(session.Clock.Left);

        // The session's key is not used: a lock belongs to its session, and no other one could get it by repeating the request.
        var write = new WriteOptions { Timeout = session.Context.Options.RequestTimeout };
        var batch = new StatementBatch([bound], PgSession.Options) { Caller = session.Values.Caller };
        try
        {
            var result = await session.Output.AwaitAsync(
                _locks!.RunAsync(batch, write, session.Settings.LockTimeout, limited.Token)).ConfigureAwait(false);
            session.Statements.Saw(result.Index);
            return result;
        }
        catch (OperationCanceledException) when (!session.Cancellation.Token.IsCancellationRequested)
        {
            throw new PgException(ErrorMapping.StatementTimeout());
        }
        catch (ClusterException e) when (e.Error == ClusterError.LocksLost)
        {
            throw Lost();
        }
    }
}
