using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Hands committed entries to the applier and installs copies in their place. Called by the log only, one call at a time. Any exception is
/// fatal for the process: this replica can neither skip nor repeat an entry.
/// </summary>
internal sealed class LogStateMachine(IReplicaStorage storage, IEntryApplier applier, MemberStore members)
{
    private IReplicaCopy? _arrived;

    public long AppliedIndex => storage.AppliedIndex;

    public async ValueTask ApplyAsync(StoredEntry entry)
    {
        if (entry.IsConfiguration)
        {
            await members.SaveAsync(Members.Decode(entry.Content.Span), entry.Index, CancellationToken.None).ConfigureAwait(false);
        }
        else if (entry.ContentLength > 0 && entry.Index > storage.AppliedIndex)
        {
            // An entry without content is a new leader's first.
            applier.Apply(entry.Index, entry.Term, entry.Content, entry.Context);
        }
    }

    /// <summary>Sets the copy for the following install.</summary>
    public void Offer(IReplicaCopy? copy) => _arrived = copy;

    /// <summary>Replaces the database with the copy that was set.</summary>
    public BasePoint Install()
    {
        var copy = _arrived ?? throw new InvalidOperationException("An install without a copy.");
        _arrived = null;
        storage.Install(copy);
        return new BasePoint(copy.Index, copy.Term);
    }
}
