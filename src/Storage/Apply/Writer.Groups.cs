namespace Rqlite.Pg.Storage;

/// <content>
/// Groups: sealed rehearsals, one on top of the other in one SQLite transaction, which is committed when the quorum has agreed to all of them
/// and no open transaction lies on top.
/// </content>
public sealed unsafe partial class Writer
{
    private static readonly TimeSpan s_interruptAgain = TimeSpan.FromMilliseconds(1);

    private readonly List<GroupMember> _members = [];
    private readonly List<GroupMember> _shown = [];

    // The number of members, from the first, that the quorum has agreed to.
    private int _agreed;

    // An entry that the quorum has agreed to could not be brought into the database: no later entry may be applied.
    private StorageException? _broken;

    /// <summary>Called with a failure for which the process must end, on any thread.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>
    /// False if each transaction needs a SQLite transaction of its own: a full-text index writes at savepoints too, and a replay has none.
    /// </summary>
    public bool TakesMembers => !HasVirtualTables;

    internal PendingEntries Pending { get; } = new();

    /// <summary>Called before the COMMIT with the number of its entries, for tests that end the process there.</summary>
    internal Action<int>? Committing { get; set; }

    private bool HasVirtualTables => _mayHaveVirtualTables || _connection is { Authorizer.SawVirtualTable: true };

    /// <summary>Rolls back all rehearsals, as another leader's entries would.</summary>
    public void DropRehearsals()
    {
        EnterForEntry();
        try
        {
            DropGroup();
        }
        finally
        {
            Leave();
        }
    }

    internal void Appended(GroupMember rehearsal, long index, long term)
    {
        Pause.Enter();
        try
        {
            if (rehearsal.State != RehearsalState.Sealed)
            {
                // The member is applied or dropped already.
                return;
            }

            (rehearsal.EntryIndex, rehearsal.EntryTerm) = (index, term);
            if (rehearsal.OnGroup)
            {
                _transaction!.ReleaseMember();
            }
        }
        finally
        {
            Leave();
        }
    }

    internal void Withdraw(GroupMember rehearsal)
    {
        Pause.Enter();
        try
        {
            if (rehearsal.State == RehearsalState.Sealed && rehearsal.EntryIndex == 0)
            {
                _members.RemoveAt(_members.Count - 1);
                Undo(rehearsal, RehearsalState.Lost);
            }
        }
        finally
        {
            Leave();
        }
    }

    internal void Drop(GroupMember rehearsal)
    {
        if (rehearsal.State != RehearsalState.Sealed)
        {
            return;
        }

        EnterForEntry();
        try
        {
            if (rehearsal.State == RehearsalState.Sealed)
            {
                DropGroup();
            }
        }
        finally
        {
            Leave();
        }
    }

    private TransactionEntry AddMember(Rehearsal rehearsal)
    {
        if (rehearsal.Marks.Count > 0)
        {
            Connection.Execute("RELEASE s0");
            rehearsal.Marks.Clear();
        }

        rehearsal.State = RehearsalState.Sealed;
        _members.Add(rehearsal);
        Volatile.Write(ref _rehearsal, null);
        return rehearsal.Entry = new TransactionEntry(
            rehearsal.BaseIndex, rehearsal.BaseTerm, _state->Digest.Value, rehearsal.Options, rehearsal.Record)
        {
            Clock = rehearsal.Clock,
            RequestId = rehearsal.RequestId,
            Caller = rehearsal.Effects.UsedCaller,
        };
    }

    /// <summary>Keeps a member's rehearsal as the effects of its entry; false if the rehearsal is not open here or stands on another state.</summary>
    private bool TryKeep(in EntryStamp stamp, GroupMember rehearsal)
    {
        // No interrupt: the statement that runs on top of the member may go on.
        Pause.Enter();
        try
        {
            if (_agreed >= _members.Count || _members[_agreed] != rehearsal)
            {
                return false;
            }

            var (index, term) = _agreed == 0 ? (_position.Index, _position.Term) : (_members[_agreed - 1].EntryIndex, _members[_agreed - 1].EntryTerm);
            if ((rehearsal.BaseIndex, rehearsal.BaseTerm) != (index, term) || stamp.Index <= index
                || (rehearsal.EntryIndex != 0 && (rehearsal.EntryIndex, rehearsal.EntryTerm) != (stamp.Index, stamp.Term)))
            {
                return false;
            }

            (rehearsal.EntryIndex, rehearsal.EntryTerm) = (stamp.Index, stamp.Term);
            rehearsal.Agreed = true;
            _agreed++;
            if (!TryCommitGroup() && _agreed == 1)
            {
                Pending.Begin(stamp.Index);
            }

            return true;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Commits the group if all members are agreed to and no open transaction lies on top.</summary>
    /// <exception cref="StorageException">The process must end; a restart finds the entries in the log.</exception>
    private bool TryCommitGroup()
    {
        if (_members.Count == 0 || _agreed < _members.Count || _rehearsal is not null)
        {
            return false;
        }

        var positions = new AppliedPosition[_members.Count];
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] = Next(i == 0 ? _position : positions[i - 1], _members[i].Stamp, _members[i].EntryDigest);
        }

        try
        {
            if (_members[^1] is BatchRehearsal { Named.Length: > 0 } named)
            {
                _transaction!.PlaceRequests(named.Named, named.EntryIndex);
            }

            Committing?.Invoke(positions.Length);
            Commit(positions[^1]);
            _effects!.Sequences.ForgetSettled();
        }
        catch (StorageException e)
        {
            _transaction!.RollbackQuietly();
            Break(e);
            throw;
        }

        for (var i = 0; i < positions.Length; i++)
        {
            Show(_members[i], positions[i]);
        }

        var analyzed = _members[^1] is BatchRehearsal { Analyzed: true };
        _members.Clear();
        _agreed = 0;
        Pending.End();
        if (analyzed)
        {
            Reopen();
        }

        return true;
    }

    private void Show(GroupMember member, in AppliedPosition position)
    {
        _position = position;
        _committed(position);
        if (member is BatchRehearsal batch)
        {
            SetIndex(batch.Results, position.Index);
            Announce(batch.Notifications, batch.Grants);
        }
        else
        {
            Notify(((Rehearsal)member).Effects.Notifications);
        }

        member.State = RehearsalState.Committed;
        _shown.Add(member);
    }

    /// <summary>
    /// Rolls back all rehearsals. Members that the quorum has agreed to are run again from their entries, each in a transaction of its own; a
    /// digest that differs means that the rehearsal did not follow from its entry alone.
    /// </summary>
    private void DropGroup()
    {
        var agreed = ForgetGroup();
        if (agreed.Length == 0)
        {
            return;
        }

        try
        {
            foreach (var member in agreed)
            {
                if (member is BatchRehearsal batch)
                {
                    ReplayBatch(member.Stamp, batch.Entry!, fits: true, batch.Results);
                }
                else
                {
                    ReplayAlone(member.Stamp, ((Rehearsal)member).Entry!, fits: true);
                }

                member.State = RehearsalState.Committed;
                _shown.Add(member);
            }
        }
        catch (StorageException e)
        {
            Break(e);
            throw;
        }
        catch (ApplyStoppedException)
        {
            // The next start applies what is missing. Whoever drops the group may be no applier; an applier looks at the stop before it goes on.
            return;
        }

        Pending.End();
    }

    /// <summary>Records that an entry is in the log but not in the database: before the process ends, no later entry may take its place.</summary>
    private void Break(StorageException error)
    {
        _broken ??= error;
        Failed?.Invoke(error);
    }

    private void ThrowIfBroken()
    {
        if (_broken is { } cause)
        {
            throw new StorageException(cause.ResultCode, $"The database lacks an entry that was agreed to: {cause.Message}");
        }
    }

    /// <summary>Rolls everything back and returns the members that the quorum has agreed to.</summary>
    private GroupMember[] ForgetGroup()
    {
        if (_rehearsal is null && _members.Count == 0)
        {
            return [];
        }

        var agreed = _members.GetRange(0, _agreed).ToArray();
        foreach (var member in _members)
        {
            member.State = RehearsalState.Lost;
            _loose.Restore((member as BatchRehearsal)?.Loose ?? []);
        }

        if (_rehearsal is { } open)
        {
            Volatile.Write(ref _rehearsal, null);
            open.State = RehearsalState.Lost;
        }

        _members.Clear();
        _agreed = 0;
        _transaction?.RollbackQuietly();
        _definitions++;
        return agreed;
    }

    /// <summary>Runs the members again in a new SQLite transaction after a statement on top of them ended theirs.</summary>
    private void RebuildGroup()
    {
        _definitions++;
        try
        {
            for (var i = 0; i < _members.Count; i++)
            {
                // No member ever stands on a batch.
                var member = (Rehearsal)_members[i];
                BeginTransaction(member.Clock, member.Seed, member.Options, new TransactionEffects(member.Entry!.Caller), onGroup: i > 0);
                NameAgain(member.RequestId, member.BaseIndex, member.UnixMilliseconds);
                Repeat(member.Stamp, member.Entry);
                if (i > 0)
                {
                    _transaction!.ReleaseMember();
                }
            }
        }
        catch (ApplyStoppedException)
        {
            ForgetGroup();
            throw;
        }
        catch (StorageException)
        {
            // The entries of the members, run one by one, show whether this node can go on.
            DropGroup();
        }
    }

    /// <summary>Takes the writer for entries; a running statement of a rehearsal is ended.</summary>
    private void EnterForEntry()
    {
        while (!Pause.TryEnter(s_interruptAgain))
        {
            Interrupt();
        }
    }

    /// <summary>Releases the writer, and tells the owners of the members whose effects can now be read.</summary>
    private void Leave()
    {
        var shown = _shown.Count == 0 ? [] : _shown.ToArray();
        _shown.Clear();
        Pause.Leave(between: _rehearsal is null && _members.Count == 0);
        foreach (var member in shown)
        {
            member.Committed?.Invoke(member.EntryIndex);
        }
    }

    private void BeginInterruptible()
    {
        // No interrupt is under way that the next statement could take for its own.
        _interrupted = false;
        _interruptible = true;
    }

    private void EndInterruptible()
    {
        lock (_interruptLock)
        {
            _interruptible = false;
        }
    }

    /// <summary>Ends the running statement of a rehearsal, and no other: our own statements must not fail.</summary>
    private void Interrupt()
    {
        lock (_interruptLock)
        {
            if (_interruptible)
            {
                _interrupted = true;
                Native.sqlite3_interrupt(Connection.Handle);
            }
        }
    }
}
