namespace Rqlite.Pg.Cluster;

/// <content>The queue's length, for those who watch the node.</content>
internal sealed partial class ProposalWriter
{
    /// <summary>The commands and bytes that wait to become entries, and the transactions that wait for the writer.</summary>
    public (int Commands, long Bytes, int Transactions) Queue
    {
        get
        {
            lock (_gate)
            {
                return (_queue.Count + _returned.Count, _queuedBytes, _turns.Count(static turn => !turn.Granted.IsCompleted));
            }
        }
    }
}
