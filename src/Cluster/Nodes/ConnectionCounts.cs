namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The connections of the node port by caller, each with its share. All nodes that are no members are one caller: however many come, members get
/// in. How many there are in all is <see cref="ConnectionSlots"/>' to bound.
/// </summary>
internal sealed class ConnectionCounts(int memberMax)
{
    private const int StrangersMax = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _callers = [];

    /// <summary>False if the caller has too many connections; else to be given back by <see cref="Leave"/>.</summary>
    /// <param name="member">The member that calls; null for a node that is none.</param>
    public bool TryEnter(Guid? member)
    {
        lock (_gate)
        {
            var count = _callers.GetValueOrDefault(member ?? default);
            if (count >= (member is null ? StrangersMax : memberMax))
            {
                return false;
            }

            _callers[member ?? default] = count + 1;
            return true;
        }
    }

    public void Leave(Guid? member)
    {
        lock (_gate)
        {
            if (--_callers[member ?? default] == 0)
            {
                _callers.Remove(member ?? default);
            }
        }
    }
}
