using Rqlite.Pg.Cluster;
using Rqlite.Pg.Types;
using Rqlite.Pg.Wire.Errors;

namespace Rqlite.Pg.Wire.Session;

/// <summary>The session's advisory locks. Those taken for the transaction are given back when it ends or returns to a savepoint before them.</summary>
internal sealed class HeldLocks(IAdvisoryLocks? service, TransactionBlock block, SessionOutput output) : IScoped, IDisposable
{
    private const string AdvisoryLocksLost =
        "terminating connection: this node lost contact with the cluster, and the session's advisory locks may have been given to others";

    private readonly List<long> _marks = [];

    /// <summary>The locks in the cluster; null where there are none, and before the session has begun.</summary>
    public ISessionLocks? Session { get; private set; }

    /// <summary>The session may hold a lock of any kind.</summary>
    public bool MayHold => Session is { MayHold: true };

    /// <summary>Opens the session's locks.</summary>
    /// <param name="wake">Makes the connection's loop look at the session, from any thread.</param>
    /// <returns>The session's number; null if the locks do not give one.</returns>
    public long? Begin(Action wake)
    {
        Session = service?.Open(wake);
        return Session?.Session;
    }

    /// <exception cref="PgException">Another session may have the locks by now: this session ends.</exception>
    public void RequireHeld()
    {
        if (Session is { Lost: true })
        {
            throw Lost();
        }
    }

    public static PgException Lost() => PgException.Fatal(SqlState.AdminShutdown, AdvisoryLocksLost);

    public void Dispose() => Session?.Dispose();

    ValueTask IScoped.MarkAsync(CancellationToken token)
    {
        _marks.Add(Session?.Mark ?? 0);
        return default;
    }

    ValueTask IScoped.ReleaseAsync(int mark, CancellationToken token)
    {
        _marks.RemoveRange(mark, _marks.Count - mark);
        return default;
    }

    async ValueTask IScoped.ReturnAsync(int mark, CancellationToken token)
    {
        await ReleaseFromAsync(_marks[mark]).ConfigureAwait(false);
        _marks.RemoveRange(mark + 1, _marks.Count - mark - 1);
    }

    ValueTask IScoped.FailAsync() => _marks.Count > 0 ? ReleaseFromAsync(_marks[^1]) : ReleaseAsync();

    ValueTask IScoped.CommitAsync() => EndAsync();

    ValueTask IScoped.RollbackAsync() => EndAsync();

    private ValueTask EndAsync()
    {
        _marks.Clear();
        return ReleaseAsync();
    }

    private ValueTask ReleaseAsync() =>
        Session is { MayHoldForTransaction: true } locks ? locks.EndTransactionAsync(CancellationToken.None) : default;

    // Gives back the locks taken since the mark.
    private async ValueTask ReleaseFromAsync(long mark)
    {
        if (Session is not { MayHoldForTransaction: true } locks || locks.Mark <= mark)
        {
            return;
        }

        try
        {
            // Giving back is a write, which would wait for the session's own transaction.
            if (block.Writing is not { } writing
                || await output.AwaitAsync(writing.SuspendAsync(CancellationToken.None)).ConfigureAwait(false))
            {
                await locks.RollBackAsync(mark, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (ClusterException)
        {
            // The transaction's next statement reports the failure; its end gives back all locks.
        }
    }
}
