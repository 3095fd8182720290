namespace Rqlite.Pg.Storage;

/// <content>
/// Groups: sealed rehearsals, one on top of the other in one SQLite transaction, which is committed when the quorum has agreed to all of
/// them and nobody is half-way on top.
/// </content>
public sealed unsafe partial class Writer
{
    private static readonly TimeSpan s_interruptAgain = TimeSpan.FromMilliseconds(1);

    private readonly List<GroupMember> _members = [];
    private readonly List<GroupMember> _shown = [];

    // So many of the members, counted from the first, have been agreed to.
    private int _agreed;

    // What the quorum has agreed to could not be brought into the database: nothing may come behind it.
    private StorageException? _broken;

    /// <summary>Told of a failure for which the process must end, whichever thread meets it.</summary>
    public Action<Exception>? Failed { get; set; }

    /// <summary>
    /// False if each transaction needs a SQLite transaction of its own: a full-text index writes at savepoints too, and a replay has none.
    /// </summary>
    public bool TakesMembers => !HasVirtualTables;

    internal PendingEntries Pending { get; } = new();

    /// <summary>Called in front of the COMMIT of so many entries, for tests that end the process there.</summary>
    internal Action<int>? Committing { get; set; }

    private bool HasVirtualTables => _mayHaveVirtualTables || _connection is { Authorizer.SawVirtualTable: true };

    /// <summary>Puts an end to everything that is rehearsed, as another leader's entries would.</summary>
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
                // Applied or dropped already.
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

    /// <summary>Lets the entry of a member stand for what was rehearsed; false if its rehearsal is not open here or stands on something else.</summary>
    private bool TryKeep(in EntryStamp stamp, GroupMember rehearsal)
    {
        // No interrupt: whoever runs on top of it may go on.
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

    /// <summary>Commits the group if nothing is in its way.</summary>
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
    /// Rolls everything back that is rehearsed. Members that the quorum has agreed to are run again from what their entries say, each as a
    /// transaction of its own; a digest that differs means that the rehearsal did not follow from its entry alone.
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

        Pending.End();
    }

    /// <summary>The entry at hand is in the log and not in the database: before the process ends, no later one may take its place.</summary>
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

    /// <summary>Rolls everything back and gives the members that the quorum has agreed to.</summary>
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

    /// <summary>Puts the members back into a new SQLite transaction after a statement upon them took theirs along.</summary>
    private void RebuildGroup()
    {
        _definitions++;
        try
        {
            for (var i = 0; i < _members.Count; i++)
            {
                // Nothing ever stands on a batch.
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
            // Their entries, run one by one, show whether this node can go on.
            DropGroup();
        }
    }

    /// <summary>Takes the writer for entries; a statement of a rehearsal that runs on it is ended.</summary>
    private void EnterForEntry()
    {
        while (!Pause.TryEnter(s_interruptAgain))
        {
            Interrupt();
        }
    }

    /// <summary>Gives the writer back, and tells the owners of what has become visible.</summary>
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

    private void SetInterruptible(bool value)
    {
        lock (_interruptLock)
        {
            _interruptible = value;
            _interrupted &= !value;
        }
    }

    /// <summary>Ends the statement of a rehearsal that runs, and nothing else: our own statements must not fail.</summary>
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
