using System.Buffers;
using DotNext.Net.Cluster.Consensus.Raft.StateMachine;
using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Hands committed entries to the applier, one at a time and in order, and installs copies in their place. Only the log's apply loop and
/// an install, which the log's lock keeps apart, come here.
/// </summary>
internal sealed class LogStateMachine : IStateMachine
{
    private readonly IReplicaStorage _storage;
    private readonly IEntryApplier _applier;
    private readonly MemberStore _members;
    private readonly Action<Exception> _failed;
    private readonly LogSizes _sizes = new();
    private BasePoint _base;
    private long _reclaimed;
    private IReplicaCopy? _arrived;

    public LogStateMachine(IReplicaStorage storage, IEntryApplier applier, MemberStore members, BasePoint @base, Action<Exception> failed)
    {
        _storage = storage;
        _applier = applier;
        _members = members;
        _base = @base;
        _reclaimed = @base.Index;
        _failed = failed;
    }

    public BasePoint Base => Volatile.Read(ref _base);

    /// <summary>True from the moment that a new beginning is published until the library has removed what lies before it.</summary>
    public bool Reclaiming => Volatile.Read(ref _reclaimed) < Base.Index;

    public LogSizes Sizes => _sizes;

    public ISnapshot? Snapshot => Base is { Index: > 0 } point ? point : null;

    public async ValueTask<long> ApplyAsync(LogEntry entry, CancellationToken token)
    {
        try
        {
            if (entry.IsSnapshot)
            {
                return Install();
            }

            if (entry.IsConfiguration)
            {
                // The log begins to apply in its constructor, before it can be given a place for member lists.
                await _members.SaveAsync(Members.Decode(Content(entry).Span), entry.Index, token).ConfigureAwait(false);
            }
            else
            {
                Apply(entry);
            }

            return entry.Index;
        }
        catch (OperationCanceledException) when (token.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error)
        {
            // The log stops for good at an exception from here, and so must the process: this replica can neither skip nor repeat an entry.
            _failed(error);
            throw;
        }
    }

    public ValueTask ReclaimGarbageAsync(long watermark, CancellationToken token)
    {
        Volatile.Write(ref _reclaimed, watermark);
        return ValueTask.CompletedTask;
    }

    /// <summary>Publishes a new beginning of the log, unless an install has; the file <c>BASE</c> must be durable already.</summary>
    public bool TryMoveBase(BasePoint from, BasePoint to) => Interlocked.CompareExchange(ref _base, to, from) == from;

    /// <summary>Lays a copy ready for the install that follows.</summary>
    public void Offer(IReplicaCopy? copy) => _arrived = copy;

    private void Apply(in LogEntry entry)
    {
        var content = Content(entry);
        if (content.IsEmpty)
        {
            // A new leader's first entry, or a member list that the log has saved itself.
            return;
        }

        _sizes.Add(entry.Index, content.Length);
        if (entry.Index > _storage.AppliedIndex)
        {
            _applier.Apply(entry.Index, entry.Term, content, entry.Context);
        }
    }

    private static ReadOnlyMemory<byte> Content(in LogEntry entry)
        => !entry.TryGetPayload(out var payload) ? default : payload.IsSingleSegment ? payload.First : payload.ToArray();

    private long Install()
    {
        var copy = _arrived ?? throw new InvalidOperationException("An install without a copy.");
        _arrived = null;
        _storage.Install(copy);

        // Before returning: the log takes its new commit index from here.
        Volatile.Write(ref _base, new BasePoint(copy.Index, copy.Term));
        return copy.Index;
    }
}
