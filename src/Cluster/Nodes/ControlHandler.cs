using System.Buffers.Binary;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>Answers the control plane's requests and hands the others to the data plane.</summary>
internal sealed class ControlHandler(Replica replica, INodeRequestHandler data) : INodeRequestHandler
{
    private const byte FirstControlKind = 16;

    private RaftNode Raft => replica.Raft ?? throw new ClusterException(ClusterError.NotLeader, "this node is a read replica", replica.Log.Leader);

    public async ValueTask HandleAsync(NodeRequestKind kind, ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        if ((byte)kind < FirstControlKind)
        {
            await data.HandleAsync(kind, body, answer, token).ConfigureAwait(false);
            return;
        }

        var caller = answer.Caller ?? throw new InvalidOperationException("A request without a caller.");
        switch (kind)
        {
            case NodeRequestKind.Meta:
                await answer.WriteFrameAsync(Meta(caller).Encode(), token).ConfigureAwait(false);
                break;
            case NodeRequestKind.ReadIndex:
                var index = await Raft.LeaderReadIndexAsync(token).ConfigureAwait(false);
                var encoded = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(encoded, index);
                await answer.WriteFrameAsync(encoded, token).ConfigureAwait(false);
                break;
            case NodeRequestKind.Join:
                await JoinAsync(MembershipRequest.DecodeJoin(body.Span), caller, answer, token).ConfigureAwait(false);
                break;
            case NodeRequestKind.Members:
                await answer.WriteFrameAsync(MembershipRequest.Encode(replica.Store, replica.Identity.ClusterId), token).ConfigureAwait(false);
                break;
            case NodeRequestKind.Remove:
                await replica.Membership.RemoveAsync(MembershipRequest.DecodeNode(body.Span), token).ConfigureAwait(false);
                break;
            case NodeRequestKind.StepDown:
                await replica.Membership.StepDownAsync(MembershipRequest.DecodeNode(body.Span), token).ConfigureAwait(false);
                break;
            case NodeRequestKind.TimeoutNow:
                Raft.TimeoutNow(caller.DiskId, body.Span);
                break;
            case NodeRequestKind.Notify:
                var (waiting, _, notifier) = MembershipRequest.DecodeJoin(body.Span);
                caller.RequireSelf(waiting.DiskId);
                await RequireMayJoinAsync(notifier, waiting, token).ConfigureAwait(false);
                replica.Membership.Notified(waiting);
                break;
            case NodeRequestKind.Digest:
                if (DigestWatch.Answer(replica.Storage, body.Span) is { Length: > 0 } digest)
                {
                    await answer.WriteFrameAsync(digest, token).ConfigureAwait(false);
                }

                break;
            case NodeRequestKind.Tail:
                await new TailSource(Raft, replica.Options).SendAsync(body, answer, token).ConfigureAwait(false);
                break;
            default:
                throw new ClusterException(ClusterError.Invalid, $"This version does not know the request {(byte)kind}.");
        }
    }

    public IConversationHandler Converse() => data.Converse();

    private async ValueTask JoinAsync(
        (NodeInfo Node, int Hops, NodeLogin? Login) request, NodeCaller caller, INodeAnswer answer, CancellationToken token)
    {
        if (!caller.IsMember)
        {
            // Only members forward requests of others, which they have looked at.
            caller.RequireSelf(request.Node.DiskId);
            await RequireMayJoinAsync(request.Login, request.Node, token).ConfigureAwait(false);
            request.Hops = 0;
        }
        else if (request.Node.DiskId == caller.DiskId && request.Node.Node.Voter && replica.Members.Find(caller.DiskId) is { Node.Voter: false })
        {
            // A read replica may have joined with less than a voter needs.
            await RequireMayJoinAsync(request.Login, request.Node, token).ConfigureAwait(false);
        }

        await answer.WriteFrameAsync(await replica.Membership.AddAsync((request.Node, request.Hops), token).ConfigureAwait(false), token).ConfigureAwait(false);
    }

    /// <exception cref="ClusterException">The login is wrong, or its user may not add such a node.</exception>
    private async ValueTask RequireMayJoinAsync(NodeLogin? login, NodeInfo node, CancellationToken token)
    {
        var voter = node.Node.Voter;
        if (replica.Options.MayJoin is { } mayJoin && !await mayJoin(login, voter, token).ConfigureAwait(false))
        {
            var permission = voter ? "join" : "join-read-only";
            throw new ClusterException(
                ClusterError.Invalid, $"unauthorized: to join, -join-as must name a user of -auth with the permission {permission}");
        }
    }

    private NodeMeta Meta(NodeCaller caller)
    {
        var raft = replica.Log;
        var store = replica.Store;
        var formed = replica.Identity.ClusterId != Guid.Empty;
        var member = store.Members.Find(caller.DiskId) is not null;
        return formed && !caller.OfCluster
            ? NodeMeta.ForStranger(member, store.Version)
            : new NodeMeta(
                replica.Info, replica.Identity.ClusterId, replica.Options.Version, raft.IsLeader, raft.Leader, raft.Term, raft.CommitIndex,
                raft.AppliedIndex, store.Version, member, formed);
    }
}
