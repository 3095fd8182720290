using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Applies entries of the log to the database and completes the proposals that wait for them. Any exception is fatal for the process: a node
/// never skips an entry. Called by one thread at a time.
/// </summary>
/// <param name="crashes">The record of earlier crashes; null to keep none.</param>
/// <param name="skipped">Entries that the operator tells the node to skip.</param>
internal sealed class EntryApplier(Database storage, CrashMark? crashes = null, IReadOnlyList<SkippedEntry>? skipped = null) : IEntryApplier
{
    private long _unixMicroseconds;

    /// <summary>Called with each skipped entry and a description of its content.</summary>
    public Action<SkippedEntry, string>? Skipped { get; set; }

    /// <summary>The time of the last applied entry; 0 before the first one.</summary>
    public long UnixMicroseconds => Volatile.Read(ref _unixMicroseconds);

    public void Check(ReadOnlyMemory<byte> entry) => LogEntryCheck.Entry(entry);

    public void Apply(long index, long term, ReadOnlyMemory<byte> entry, object? context)
    {
        if (entry.IsEmpty || index <= storage.AppliedIndex)
        {
            return;
        }

        crashes?.Begin(index);
        try
        {
            if (!TrySkip(index, term, entry))
            {
                RefuseIfPoisoned(index, entry);
                ApplyEntry(index, term, entry, context);
            }
        }
        catch (ApplyStoppedException)
        {
            crashes?.End(applied: false);
            throw;
        }

        crashes?.End(applied: true);
    }

    private bool TrySkip(long index, long term, ReadOnlyMemory<byte> entry)
    {
        foreach (var wanted in skipped ?? [])
        {
            if (wanted.Index != index)
            {
                continue;
            }

            var found = SkippedEntry.Of(index, entry);
            if (found != wanted)
            {
                throw new ClusterException(
                    ClusterError.NotReady, $"-skip-entry {wanted} names another entry than the log has at this index, which is {found}: it is not skipped");
            }

            storage.Writer.Skip(new(index, term, 0, 0), found.Checksum);
            Skipped?.Invoke(found, SkippedEntry.Describe(entry));
            return true;
        }

        return false;
    }

    private void RefuseIfPoisoned(long index, ReadOnlyMemory<byte> entry)
    {
        if (crashes is { Crashes: >= CrashMark.CrashesMax } && crashes.CrashedIndex == index)
        {
            throw new ClusterException(
                ClusterError.NotReady,
                $"this node has ended {crashes.Crashes} times while it applied entry {index} ({SkippedEntry.Describe(entry)}). If a full disk or a lack of "
                + $"memory was the cause, mend it, delete {crashes.Path} and start again. If the entry is, start every node with "
                + $"-skip-entry {SkippedEntry.Of(index, entry)}: the entry then has no effect, on all of them");
        }
    }

    private void ApplyEntry(long index, long term, ReadOnlyMemory<byte> entry, object? context)
    {
        if (LogTransactionEncoding.Is(entry))
        {
            Apply(index, term, Decode(index, entry, LogTransactionEncoding.Read), context as ProposedTransaction);
        }
        else if (LogLoadEncoding.Is(entry))
        {
            ApplyLoad(index, term, Decode(index, entry, LogLoadEncoding.Read), context as ProposedLoad);
        }
        else if (LogBatchEncoding.Is(entry))
        {
            ApplyBatch(index, term, entry, context as ProposedEntry);
        }
        else
        {
            // The entry was written by an earlier version.
            var decoded = Decode(index, entry, LogCommandEncoding.Read);
            storage.Writer.Apply(
                new(index, term, decoded.UnixMicroseconds, decoded.Seed), [.. decoded.Commands.Select(static c => c.WithFormerRights())], null);
            Advance(decoded.UnixMicroseconds);
        }
    }

    private void ApplyBatch(long index, long term, ReadOnlyMemory<byte> entry, ProposedEntry? proposed)
    {
        var (nonce, unixMicroseconds, seed) = Decode(index, entry, LogBatchEncoding.ReadHead);

        // The log may hand over the context of an entry that was overwritten at this index; its proposals must not be completed by this entry.
        var own = proposed is not null && proposed.Nonce == nonce ? proposed : null;
        var results = own is null ? null : new CommandResult?[own.Proposals.Count];
        var applied = storage.Writer.ApplyBatch(
            new(index, term, unixMicroseconds, seed), () => Decode(index, entry, LogBatchEncoding.Read), own?.Rehearsal, results);
        Advance(unixMicroseconds);
        if (own is not null && own.Rehearsal.State != RehearsalState.Committed && own.Rehearsal.State != RehearsalState.Sealed)
        {
            // A kept rehearsal reports by itself when its effects can be read.
            own.Complete(applied ? results! : []);
        }
    }

    private void Apply(long index, long term, LogTransaction decoded, ProposedTransaction? proposed)
    {
        var own = proposed is not null && proposed.Nonce == decoded.Nonce ? proposed : null;
        var applied = storage.Writer.ApplyTransaction(new(index, term, decoded.UnixMicroseconds, decoded.Seed), decoded.Entry, own?.Rehearsal);
        Advance(decoded.UnixMicroseconds);
        if (own is not null && own.Rehearsal.State != RehearsalState.Sealed)
        {
            // A kept rehearsal that waits for its group reports by itself when its effects can be read.
            own.Complete(index, applied);
        }
    }

    private void ApplyLoad(long index, long term, LogLoad decoded, ProposedLoad? proposed)
    {
        var applied = storage.ApplyLoad(new(index, term, decoded.UnixMicroseconds, 0), decoded.Load);
        Advance(decoded.UnixMicroseconds);
        if (proposed is not null && proposed.Nonce == decoded.Nonce)
        {
            proposed.Applied = applied;
        }
    }

    private void Advance(long unixMicroseconds) => Volatile.Write(ref _unixMicroseconds, Math.Max(_unixMicroseconds, unixMicroseconds));

    private static T Decode<T>(long index, ReadOnlyMemory<byte> entry, Func<ReadOnlyMemory<byte>, T> read)
    {
        try
        {
            return read(entry);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"Entry {index} of the log cannot be read: {e.Message}", e);
        }
    }
}
