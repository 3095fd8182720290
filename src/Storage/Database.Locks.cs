namespace Rqlite.Pg.Storage;

/// <content>Advisory locks as the entries applied so far leave them.</content>
public sealed partial class Database
{
    /// <summary>The locks that the sessions of a node hold or wait for.</summary>
    public async ValueTask<IReadOnlyList<LockRow>> LocksOfAsync(Guid node, CancellationToken token)
    {
        using var lease = await _readers.RentAsync(null, token).ConfigureAwait(false);
        lease.BeginSnapshot();
        using var rows = lease.Keep().Connection.Prepare("SELECT ticket, session, granted FROM _rqlite_locks WHERE node=?1");
        LockTable.Bind(rows, 1, node);
        var locks = new List<LockRow>();
        while (rows.Step() == ResultCode.Row)
        {
            locks.Add(new LockRow(rows.Integer(0), node, rows.Integer(1), rows.Integer(2) != 0));
        }

        return locks;
    }

    /// <summary>The nodes whose sessions hold locks or wait for them.</summary>
    public async ValueTask<IReadOnlyList<Guid>> LockingNodesAsync(CancellationToken token)
    {
        using var lease = await _readers.RentAsync(null, token).ConfigureAwait(false);
        lease.BeginSnapshot();

        // One index seek for each node, however many locks each has.
        using var next = lease.Keep().Connection.Prepare("SELECT min(node) FROM _rqlite_locks WHERE node>?1");
        var nodes = new List<Guid>();
        ReadOnlySpan<byte> last = default;
        while (next.Bind(1, last).Step() == ResultCode.Row && !next.IsNull(0))
        {
            var node = next.Blob(0);
            nodes.Add(new Guid(node));
            next.Reset();
            last = node;
        }

        return nodes;
    }
}
