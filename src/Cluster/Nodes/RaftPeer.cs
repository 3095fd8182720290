using System.Net;
using DotNext.Net.Cluster;
using DotNext.Net.Cluster.Consensus.Raft;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster.Nodes;

/// <summary>A voter as the library sees it: votes, entries and copies over our lanes. Its identity is the disk, not the address.</summary>
internal sealed partial class RaftPeer : IRaftClusterMember, IDisposable
{
    private readonly RaftTransport _transport;
    private readonly RaftLane _control;
    private readonly RaftLane _append;
    private readonly CancellationTokenSource _disposed = new();
    private IRaftClusterMember.ReplicationState _state;
    private bool _reachable;
    private long _contact = QuorumContact.Never;
    private long _matched;

    public RaftPeer(RaftTransport transport, NodeInfo info, ILogger logger)
    {
        _transport = transport;
        Info = info;
        Id = MemberId(info.DiskId);
        IsRemote = info.DiskId != transport.Self.DiskId;
        EndPoint = NodeAddress.Parse(info.Node.RaftAddress, "raft address").ToEndPoint();
        var options = transport.Options;
        var connectTimeout = options.ConnectTimeout < TimeSpan.FromSeconds(2) ? options.ConnectTimeout : TimeSpan.FromSeconds(2);
        _control = new RaftLane(this, LaneKind.Control, transport.Dialer, connectTimeout, transport.Tasks, logger);
        _append = new RaftLane(this, LaneKind.Append, transport.Dialer, connectTimeout, transport.Tasks, logger);
    }

    event Action<ClusterMemberStatusChangedEventArgs> IClusterMember.MemberStatusChanged
    {
        add { }
        remove { }
    }

    public NodeInfo Info { get; }

    public ClusterMemberId Id { get; }

    public EndPoint EndPoint { get; }

    public bool IsRemote { get; }

    /// <summary>When the last message was sent that the peer has answered as a follower of this node, by <see cref="MonotonicClock"/>.</summary>
    public long Contact => Volatile.Read(ref _contact);

    /// <summary>The last entry that the peer is known to have on disk; 0 if none is.</summary>
    public long Matched => Volatile.Read(ref _matched);

    public bool IsLeader => _transport.Leader == this;

    public ClusterMemberStatus Status => !IsRemote || _reachable ? ClusterMemberStatus.Available : ClusterMemberStatus.Unavailable;

    ref IRaftClusterMember.ReplicationState IRaftClusterMember.State => ref _state;

    public static ClusterMemberId MemberId(Guid diskId)
    {
        Span<byte> bytes = stackalloc byte[ClusterMemberId.Size];
        bytes.Clear();
        diskId.TryWriteBytes(bytes);
        return new ClusterMemberId(bytes);
    }

    public Task<Result<bool>> VoteAsync(long term, long lastLogIndex, long lastLogTerm, CancellationToken token)
        => IsRemote
            ? AskAsync(RaftMessage.Vote, term, lastLogIndex, lastLogTerm, static value => value == 1, token)
            : Task.FromResult(new Result<bool> { Term = term, Value = true });

    public Task<Result<PreVoteResult>> PreVoteAsync(long term, long lastLogIndex, long lastLogTerm, CancellationToken token)
        => IsRemote
            ? AskAsync(RaftMessage.PreVote, term, lastLogIndex, lastLogTerm, static value => Known((PreVoteResult)value), token)
            : Task.FromResult(new Result<PreVoteResult> { Term = term, Value = PreVoteResult.Accepted });

    public async Task<Result<ReplicationStatus>> AppendEntriesAsync<TEntry, TList>(
        long term, TList entries, long prevLogIndex, long prevLogTerm, long commitIndex, CancellationToken token)
        where TEntry : IRaftLogEntry
        where TList : IReadOnlyList<TEntry>
    {
        if (!IsRemote)
        {
            return Local(term, HeartbeatResult.ReplicatedWithLeaderTerm, prevLogIndex + entries.Count);
        }

        var options = _transport.Options;
        // A heartbeat gets more time than a vote: a late one would depose the leader while another follower is away.
        var (lane, idle) = entries.Count == 0 ? (_control, options.AppendIdleTimeout / 2) : (_append, options.AppendIdleTimeout);
        var sent = MonotonicClock.Milliseconds;
        try
        {
            var result = await lane.ExchangeAsync(
                async (connection, timeout) =>
                {
                    WriteHead(connection.Output, term, prevLogIndex, prevLogTerm, commitIndex, entries.Count);
                    for (var i = 0; i < entries.Count; i++)
                    {
                        await WriteEntryAsync(connection, entries[i], timeout).ConfigureAwait(false);
                    }

                    await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
                    return await ReadStatusAsync(connection, timeout).ConfigureAwait(false);
                },
                options.ControlTimeout, idle, token).ConfigureAwait(false);
            _reachable = true;
            if (result.Term == term)
            {
                Volatile.Write(ref _contact, sent);
                _transport.Contacted();
            }

            if (result.Value.Result is HeartbeatResult.Replicated or HeartbeatResult.ReplicatedWithLeaderTerm)
            {
                Volatile.Write(ref _matched, result.Value.LastIndex);
                ReleaseHold();
            }

            return result;
        }
        catch (MemberUnavailableException)
        {
            _reachable = false;
            ReleaseHold();
            throw;
        }
    }

    /// <summary>Follower reads use a read index of our own over the request lane, so the library's is never asked.</summary>
    public Task<long?> SynchronizeAsync(long commitIndex, CancellationToken token) => Task.FromResult<long?>(null);

    public Task<bool> ResignAsync(CancellationToken token) => Task.FromResult(false);

    public ValueTask<IReadOnlyDictionary<string, string>> GetMetadataAsync(bool refresh = false, CancellationToken token = default)
        => new(new Dictionary<string, string>());

    public ValueTask CancelPendingRequestsAsync()
    {
        _control.Abort();
        _append.Abort();
        ReleaseHold();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _control.Dispose();
        _append.Dispose();
        ReleaseHold();
    }

    public override string ToString() => Info.ToString();

    private static T Known<T>(T value)
        where T : struct, Enum
        => Enum.IsDefined(value) ? value : throw new InvalidDataException($"An answer has the unknown value {value}.");

    private static Result<ReplicationStatus> Local(long term, HeartbeatResult result, long index)
        => new() { Term = term, Value = new ReplicationStatus { Result = result, LastIndex = index } };

    private Task<Result<T>> AskAsync<T>(RaftMessage message, long term, long index, long lastTerm, Func<byte, T> read, CancellationToken token)
        => _control.ExchangeAsync(
            async (connection, timeout) =>
            {
                var output = connection.Output;
                output.WriteByte((byte)message);
                output.WriteInt64(term);
                output.WriteInt64(index);
                output.WriteInt64(lastTerm);
                await connection.FlushAsync(timeout.Token).ConfigureAwait(false);
                await connection.EnsureAsync(9, timeout.Token).ConfigureAwait(false);
                var answered = TermLimit.Check(connection.TakeInt64(), _transport.Term);
                return new Result<T> { Term = answered, Value = read(connection.TakeByte()) };
            },
            _transport.Options.ControlTimeout, _transport.Options.ControlTimeout, token);
}
