using Rqlite.Pg.Cluster.Membership;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Hands committed entries to the applier and installs copies in their place. Only the log comes here, one call at a time. Whatever is
/// thrown is fatal for the process: this replica can neither skip nor repeat an entry.
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
            // Without content it is a new leader's first entry.
            applier.Apply(entry.Index, entry.Term, entry.Content, entry.Context);
        }
    }

    /// <summary>Lays a copy ready for the install that follows.</summary>
    public void Offer(IReplicaCopy? copy) => _arrived = copy;

    /// <summary>Puts the copy that lies ready in the place of the database.</summary>
    public BasePoint Install()
    {
        var copy = _arrived ?? throw new InvalidOperationException("An install without a copy.");
        _arrived = null;
        storage.Install(copy);
        return new BasePoint(copy.Index, copy.Term);
    }
}
