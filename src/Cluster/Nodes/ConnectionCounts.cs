namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The connections of the node port by caller. Those of nodes that are no members have a bound of their own: however many come, members get in.
/// </summary>
internal sealed class ConnectionCounts(int perMemberMax)
{
    private const int StrangersMax = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _callers = [];
    private int _strangers;

    /// <summary>False if the caller has too many connections; else to be given back by <see cref="Leave"/>.</summary>
    public bool TryEnter(Guid caller, bool member)
    {
        lock (_gate)
        {
            if (!member)
            {
                return _strangers < StrangersMax && _strangers++ >= 0;
            }

            var count = _callers.GetValueOrDefault(caller);
            if (count >= perMemberMax)
            {
                return false;
            }

            _callers[caller] = count + 1;
            return true;
        }
    }

    public void Leave(Guid caller, bool member)
    {
        lock (_gate)
        {
            if (!member)
            {
                _strangers--;
            }
            else if (_callers[caller] is var count and > 1)
            {
                _callers[caller] = count - 1;
            }
            else
            {
                _callers.Remove(caller);
            }
        }
    }
}
