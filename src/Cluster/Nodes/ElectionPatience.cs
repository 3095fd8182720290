using System.Reflection;
using DotNext.Net.Cluster.Consensus.Raft;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>
/// The library's election timeout. The library knows no transfer of leadership: it refuses a vote for as long as it has heard of a leader
/// within the election timeout, which a private field holds. Without the field a new leader is elected all the same, but late.
/// </summary>
internal sealed class ElectionPatience(RaftCluster<RaftPeer> cluster)
{
    private static readonly FieldInfo? Field =
        typeof(RaftCluster<RaftPeer>).GetField("electionTimeout", BindingFlags.Instance | BindingFlags.NonPublic);

    private readonly Lock _lock = new();

    public static bool Known => Field?.FieldType == typeof(int);

    /// <summary>
    /// Runs <paramref name="begin"/> with the library's election timeout set to 1 ms; asynchronous work that it starts goes on with the usual
    /// timeout.
    /// </summary>
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
