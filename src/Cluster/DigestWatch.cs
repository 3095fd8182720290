using System.Buffers.Binary;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>Compares this replica's chained digest with the leader's at intervals: replicas that differ must not go on side by side.</summary>
internal sealed class DigestWatch(IReplicatedLog log, IReplicaStorage storage, INodeRequests requests, Action<string, Exception> failed)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(Interval);
        var compared = 0L;
        try
        {
            while (await timer.WaitForNextTickAsync(token).ConfigureAwait(false))
            {
                var index = storage.AppliedIndex;
                if (index > compared && !log.IsLeader && log.Leader is { } leader && leader.Id != log.Self.Id)
                {
                    compared = await CompareAsync(leader, index, token).ConfigureAwait(false) ? index : compared;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
        catch (InvalidDataException error)
        {
            failed("this replica differs from the leader", error);
        }
    }

    public static byte[] Answer(IReplicaStorage storage, ReadOnlySpan<byte> body)
    {
        var index = new MessageReader(body).ReadInt64();
        if (!storage.TryGetDigest(index, out var digest))
        {
            return [];
        }

        var answer = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(answer, digest);
        return answer;
    }

    /// <summary>True if both nodes had a digest to compare.</summary>
    private async ValueTask<bool> CompareAsync(NodeDescription leader, long index, CancellationToken token)
    {
        if (!storage.TryGetDigest(index, out var own))
        {
            return false;
        }

        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(token);
        bounded.CancelAfter(Interval);
        try
        {
            var body = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(body, index);
            var answer = await requests.AskAsync(leader.RaftAddress, NodeRequestKind.Digest, body, bounded.Token).ConfigureAwait(false);
            return answer.Length == 8
                && (BinaryPrimitives.ReadUInt64LittleEndian(answer) == own
                    ? true
                    : throw new InvalidDataException(
                        $"at index {index} its digest is not that of {leader.Id}. Keep a copy of the data directory for inquiry, then remove "
                        + "this node and let it join with an empty one."));
        }
        catch (Exception error) when (error is ClusterException or IOException || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            return false;
        }
    }
}
