using System.Reflection;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The library's patience with a silent leader. It knows no transfer of the lead: a vote is refused for as long as a leader was heard of
/// less than the election timeout ago, which one private field holds. Without the field a new leader is elected all the same, but late.
/// </summary>
internal sealed class ElectionPatience(RaftCluster<RaftPeer> cluster)
{
    private static readonly FieldInfo? Field =
        typeof(RaftCluster<RaftPeer>).GetField("electionTimeout", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly Lock _lock = new();

    public static bool Known => Field?.FieldType == typeof(int);

    /// <summary>Begins something with next to no patience; what it leaves running has the usual one again.</summary>
    public T Without<T>(Func<T> begin)
    {
        if (!Known)
        {
            return begin();
        }

        lock (_lock)
        {
            var usual = Field!.GetValue(cluster);
            Field.SetValue(cluster, 1);
            try
            {
                return begin();
            }
            finally
            {
                Field.SetValue(cluster, usual);
            }
        }
    }
}
