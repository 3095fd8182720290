using Microsoft.Extensions.Logging;
using Rqlite.Pg.Cluster.Membership;
using Rqlite.Pg.Cluster.Nodes;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// A read replica's log: it stores none, but applies the committed entries that a voter sends it. Entries that the database lost in a power cut
/// are requested again. A read replica never votes and counts for no quorum.
/// </summary>
internal sealed class LearnerNode : IReplicatedLog, IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TroubleInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(5);

    private readonly ClusterOptions _options;
    private readonly MemberStore _store;
    private readonly OwnEntry _own;
    private readonly IReplicaStorage _storage;
    private readonly INodeRequests _requests;
    private readonly Action<string, Exception> _failed;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource _advanced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IEntryApplier? _applier;
    private Task[] _loops = [];
    private NodeDescription? _leader;
    private long _position;
    private long _commit;
    private long _term;
    private long _contact;
    private int _turn;
    private string? _lastTrouble;
    private long _lastTroubleAt;

    // The leader that was logged last.
    private string? _toldLeader;

    public LearnerNode(
        ClusterOptions options, NodeDescription description, MemberStore store, OwnEntry own, IReplicaStorage storage,
        INodeRequests requests, Action<string, Exception> failed, ILogger logger)
    {
        _options = options;
        _store = store;
        _own = own;
        _storage = storage;
        _requests = requests;
        _failed = failed;
        _logger = logger;
        Self = description;
        _contact = Environment.TickCount64;
    }

    public event Action? Changed;

    public bool IsLeader => false;

    public NodeDescription? Leader => Volatile.Read(ref _leader);

    public NodeDescription Self { get; }

    public bool Voter => false;

    public bool Removed => _own.Removed;

    public bool AwaitsDatabase => _own.AwaitsDatabase;

    public long Term => Volatile.Read(ref _term);

    public long CommitIndex => Volatile.Read(ref _commit);

    public long AppliedIndex => Math.Max(_storage.AppliedIndex, Volatile.Read(ref _position));

    public TimeSpan SinceLeaderContact => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _contact));

    public void Start(IEntryApplier applier)
    {
        _applier = applier;
        _position = _storage.AppliedIndex;
        _loops = [FollowAsync(), CheckpointAsync()];
    }

    public ValueTask<long> AppendAsync(ReadOnlyMemory<byte> entry, object context, CancellationToken token)
        => throw new ClusterException(ClusterError.NotLeader, "not leader", Leader);

    public ValueTask WaitForCommitAsync(long index, CancellationToken token)
        => throw new ClusterException(ClusterError.OutcomeUnknown, "not leader", Leader);

    public ValueTask<long> ReadIndexAsync(CancellationToken token)
        => Leader is { } leader
            ? ReadIndexRequest.AskAsync(_requests, leader, token)
            : throw new ClusterException(ClusterError.NoLeader, "no leader");

    public async ValueTask WaitForApplyAsync(long index, CancellationToken token)
    {
        while (true)
        {
            var advanced = Volatile.Read(ref _advanced);
            if (AppliedIndex >= index)
            {
                return;
            }

            await advanced.Task.WaitAsync(token).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _advanced.TrySetException(new ClusterException(ClusterError.NotReady, "The node stops."));
        _ = _advanced.Task.Exception;
        _stopping.Dispose();
    }

    /// <summary>Follows one voter until the voter ends the answer.</summary>
    internal Task FollowOnceAsync(string source, IEntryApplier applier)
    {
        _applier = applier;
        return TailAsync(source, _stopping.Token).AsTask();
    }

    private async Task FollowAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var source = Source();
            if (source is null)
            {
                Tell(null);
            }
            else
            {
                try
                {
                    await TailAsync(source, _stopping.Token).ConfigureAwait(false);
                    continue;
                }
                catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception error) when (error is ClusterException or IOException or OperationCanceledException or InvalidDataException)
                {
                    TellInterrupted(source, PrintableText.Of(error.Message));
                }
                catch (Exception error)
                {
                    // An entry that cannot be applied can be neither skipped nor repeated.
                    _failed("an entry could not be applied", error);
                    return;
                }

                Tell(null);
            }

            await Task.Delay(RetryPause, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void TellInterrupted(string source, string reason)
    {
        // A trouble that goes on is logged once a minute.
        var now = Environment.TickCount64;
        if (reason != _lastTrouble || now - _lastTroubleAt > TroubleInterval.TotalMilliseconds)
        {
            (_lastTrouble, _lastTroubleAt) = (reason, now);
            _logger.TailInterrupted(source, reason);
        }
    }

    /// <summary>
    /// The next of the voters in turn; null before the node is a member, and once it was removed. A former voter applies nothing until the
    /// leader has agreed that it is none: until then it may start as a voter again, with its log.
    /// </summary>
    private string? Source()
    {
        if (Removed || _own.HasLog)
        {
            return null;
        }

        var voters = _store.Members.Voters.Select(static v => v.Node.RaftAddress).ToList();
        return voters.Count == 0 ? null : voters[_turn++ % voters.Count];
    }

    private async ValueTask TailAsync(string source, CancellationToken token)
    {
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        body.WriteInt64(AppliedIndex + 1);
        body.WriteInt64(_store.Version);
        using var silence = new IdleTimeout(SilenceMax, token);
        var response = await _requests.SendAsync(source, NodeRequestKind.Tail, body.WrittenMemory, silence.Token).ConfigureAwait(false);
        await using (response.ConfigureAwait(false))
        {
            while (!Removed)
            {
                silence.Touch();
                if (await response.ReadFrameAsync(silence.Token).ConfigureAwait(false) is not { Length: > 0 } frame)
                {
                    return;
                }

                silence.Suspend();
                if (frame.Span[0] == (byte)TailFrame.CopyPart)
                {
                    frame = await InstallAsync(response, frame, token).ConfigureAwait(false);
                }

                await TakeAsync(frame, token).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> InstallAsync(INodeResponse response, ReadOnlyMemory<byte> first, CancellationToken token)
    {
        // A sender that falls silent ends the copy; another source is asked next.
        using var silence = new IdleTimeout(_options.SnapshotIdleTimeout, token);
        var parts = new CopyPartStream(response, first, silence);
        await using (parts.ConfigureAwait(false))
        {
            var copy = await ReceiveAsync(parts, token).ConfigureAwait(false);
            await using (copy.ConfigureAwait(false))
            {
                await parts.CopyToAsync(Stream.Null, token).ConfigureAwait(false);
                if (copy.Index > _storage.AppliedIndex)
                {
                    _storage.Install(copy);
                    _logger.CopyInstalled(copy.Index, copy.Term);
                }

                Advance(copy.Index);
            }

            return parts.Next!.Value;
        }
    }

    private async ValueTask<IReplicaCopy> ReceiveAsync(CopyPartStream parts, CancellationToken token)
    {
        try
        {
            return await _storage.ReceiveCopyAsync(parts, token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (OperationCanceledException or IOException or ClusterException or ObjectDisposedException))
        {
            // The copy is damaged, or the disk does not take it. The database is as it was.
            throw new InvalidDataException($"a copy of the database is refused: {error.Message}", error);
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> frame, CancellationToken token)
    {
        switch ((TailFrame)frame.Span[0])
        {
            case TailFrame.Status:
                TakeStatus(frame.Span[1..]);
                break;
            case TailFrame.Members:
                var (version, members) = ReadMembers(frame.Span[1..]);
                await _store.SaveAsync(members, version, token).ConfigureAwait(false);
                break;
            case TailFrame.Entries:
                TakeEntries(frame);
                break;
            case TailFrame.CopyEnd:
                break;
            default:
                throw new InvalidDataException("Unknown kind of frame.");
        }
    }

    private static (long Version, Members Members) ReadMembers(ReadOnlySpan<byte> frame)
    {
        var input = new MessageReader(frame);
        return (input.ReadInt64(), Members.Decode(input.ReadBytes()));
    }

    private void TakeStatus(ReadOnlySpan<byte> frame)
    {
        var input = new MessageReader(frame);
        Volatile.Write(ref _commit, Math.Max(_commit, input.ReadInt64()));
        Volatile.Write(ref _term, input.ReadInt64());
        Volatile.Write(ref _contact, Environment.TickCount64 - input.ReadInt64());
        Tell(input.ReadFlag() ? NodeInfo.ReadDescription(ref input) : null);
    }

    private void TakeEntries(ReadOnlyMemory<byte> frame)
    {
        var input = new MessageReader(frame.Span[1..]);
        for (var count = input.ReadInt32(); count > 0; count--)
        {
            var index = input.ReadInt64();
            var term = input.ReadInt64();
            var configuration = (input.ReadByte() & RaftPeer.ConfigurationFlag) != 0;
            var content = input.ReadBytes();
            if (index != AppliedIndex + 1 && index > _position + 1)
            {
                throw new InvalidDataException($"Entry {index} came after {AppliedIndex}.");
            }

            // Member lists arrive as messages of their own, with their version.
            if (!configuration && !content.IsEmpty && index > _storage.AppliedIndex)
            {
                Apply(index, term, content.ToArray());
            }

            Advance(index);
        }
    }

    private void Apply(long index, long term, ReadOnlyMemory<byte> entry)
    {
        try
        {
            _applier!.Check(entry);
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"entry {index} is refused, and nothing behind it can be taken: {error.Message}", error);
        }

        _applier.Apply(index, term, entry, null);
    }

    private void Advance(long index)
    {
        Volatile.Write(ref _position, Math.Max(_position, index));
        Volatile.Write(ref _commit, Math.Max(_commit, index));
        Interlocked.Exchange(ref _advanced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }

    private void Tell(NodeDescription? leader)
    {
        if (Interlocked.Exchange(ref _leader, leader) == leader)
        {
            return;
        }

        if (leader is not null && leader.Id != _toldLeader)
        {
            _toldLeader = leader.Id;
            ClusterMetrics.LeaderChanges.Add(1);
            _logger.LeaderChanged(leader.Id, leader.RaftAddress, Term, "the voter that this read replica follows says so");
        }

        try
        {
            Changed?.Invoke();
        }
        catch (Exception error)
        {
            // A subscriber's failure must not end the following of the log.
            _logger.ChangedHandlerFailed(error);
        }
    }

    private async Task CheckpointAsync()
    {
        try
        {
            var durable = 0L;
            while (true)
            {
                await _storage.WaitForCheckpointAsync(_options.SnapshotInterval, _stopping.Token).ConfigureAwait(false);
                if (_storage.AppliedIndex > durable)
                {
                    durable = _storage.Checkpoint();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
        catch (Exception error)
        {
            _failed("the database could not be made durable", error);
        }
    }
}
