namespace Rqlite.Pg.Storage;

/// <content>Evicting and resuming rehearsals, and running them again where they are.</content>
public sealed unsafe partial class Writer
{
    /// <summary>
    /// Rolls back a rehearsal that no caller uses at the moment; <see cref="Resume"/> brings it back. False if running it again would cost too
    /// much, or if it has ended.
    /// </summary>
    public bool TryEvict(Rehearsal rehearsal)
    {
        Pause.Enter();
        try
        {
            if (_rehearsal != rehearsal || !rehearsal.Repeatable)
            {
                return false;
            }

            Detach(rehearsal, RehearsalState.Evicted);
            return true;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>
    /// Ends the statement that runs on top of a group, so that the group can be committed; the owner has to resume and run the statement again.
    /// </summary>
    public void EvictRunning(Rehearsal rehearsal)
    {
        if (Volatile.Read(ref _rehearsal) == rehearsal && rehearsal is { OnGroup: true, Repeatable: true })
        {
            rehearsal.EvictionWanted = true;
            Interrupt();
        }
    }

    /// <summary>Runs an evicted rehearsal again on the state applied now. The answers must be those that the owner was given.</summary>
    /// <exception cref="RehearsalLostException">The answers differ.</exception>
    /// <exception cref="RequestKnownException">A repetition of the transaction was run meanwhile.</exception>
    public void Resume(Rehearsal rehearsal)
    {
        Pause.Enter();
        try
        {
            if (rehearsal.State != RehearsalState.Evicted)
            {
                throw new RehearsalLostException();
            }

            var steps = rehearsal.History.Take();
            Attach(rehearsal, resumes: true);
            try
            {
                foreach (var step in steps)
                {
                    RepeatStep(rehearsal, step);
                }
            }
            catch (Exception e) when (e is StorageException or RehearsalLostException)
            {
                Detach(rehearsal, RehearsalState.Lost);
                throw;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Makes a rehearsal the one that takes statements.</summary>
    private void Attach(Rehearsal rehearsal, bool resumes)
    {
        ThrowIfBroken();
        var beneath = _members.Count > 0 ? _members[^1] : null;
        if (_rehearsal is not null || beneath is { EntryIndex: 0 })
        {
            throw new InvalidOperationException("A rehearsal is open already.");
        }

        (rehearsal.BaseIndex, rehearsal.BaseTerm) = beneath is null
            ? (_position.Index, _position.Term)
            : (beneath.EntryIndex, beneath.EntryTerm);
        rehearsal.OnGroup = beneath is not null;
        rehearsal.Gone = false;
        rehearsal.EvictionWanted = false;
        rehearsal.NextOrdinal = 0;
        rehearsal.Answers = new(0);
        rehearsal.Strayed = false;
        rehearsal.Record.Clear();
        rehearsal.Marks.Clear();
        rehearsal.RecordBytes = 0;
        rehearsal.Effects = rehearsal.Effects.Anew();
        BeginTransaction(rehearsal.Clock, rehearsal.Seed, rehearsal.Options, rehearsal.Effects, rehearsal.OnGroup);
        try
        {
            CheckSchema(rehearsal, resumes);
            Name(rehearsal.RequestId, rehearsal.BaseIndex, rehearsal.UnixMilliseconds);
        }
        catch
        {
            Undo(rehearsal, RehearsalState.Lost);
            throw;
        }

        rehearsal.State = RehearsalState.Open;
        Volatile.Write(ref _rehearsal, rehearsal);
    }

    /// <summary>Takes a rehearsal off the writer, undoes its effects, and commits the members beneath it if that is due.</summary>
    private void Detach(Rehearsal rehearsal, RehearsalState state)
    {
        if (_rehearsal != rehearsal)
        {
            return;
        }

        Volatile.Write(ref _rehearsal, null);
        Undo(rehearsal, state);
    }

    private void Undo(GroupMember rehearsal, RehearsalState state)
    {
        rehearsal.State = state;
        _definitions++;
        _loose.Restore((rehearsal as BatchRehearsal)?.Loose ?? []);
        if (_members.Count == 0)
        {
            _transaction!.RollbackQuietly();
            if (rehearsal is BatchRehearsal { Analyzed: true })
            {
                // The connection plans with statistics that are not in the file.
                Reopen();
            }

            return;
        }

        try
        {
            UndoPart(rehearsal);
        }
        catch (StorageException)
        {
            // The next COMMIT must not hold a trace of the rehearsal.
            DropGroup();
        }

        TryCommitGroup();
    }

    private void UndoPart(GroupMember rehearsal)
    {
        if (rehearsal is Rehearsal { Gone: true })
        {
            return;
        }

        if (rehearsal.OnGroup)
        {
            _transaction!.RollbackMember();
        }
        else
        {
            _transaction!.Rollback();
        }
    }

    /// <summary>True if the rehearsal has to leave the group it stands on before the statement just run is answered.</summary>
    private bool MustGiveWay(Rehearsal rehearsal, in RehearsalStep step, CancellationToken token)
    {
        var interrupted = rehearsal.EvictionWanted && step.Broken && !token.IsCancellationRequested;
        rehearsal.EvictionWanted = false;
        if (rehearsal.State == RehearsalState.Lost)
        {
            return false;
        }

        // The statement created the first virtual table: the rehearsal now needs a SQLite transaction without savepoints of ours.
        var unfit = rehearsal.OnGroup && HasVirtualTables;
        if (unfit && !rehearsal.Repeatable)
        {
            Detach(rehearsal, RehearsalState.Lost);
            throw new RehearsalLostException();
        }

        // The last moment to evict the rehearsal: with a few steps more the commits of the members beneath it would have to wait for its end.
        var overfull = rehearsal.OnGroup && rehearsal.History.Overfull && !step.Broken;
        return (interrupted || unfit || overfull) && rehearsal.Repeatable;
    }

    private void RepeatStep(Rehearsal rehearsal, in RehearsalStep step)
    {
        switch (step.Kind)
        {
            case RehearsalStepKind.SetSavepoint:
                PlaceSavepoint(rehearsal);
                break;
            case RehearsalStepKind.Release:
                RemoveSavepoints(rehearsal, step.Savepoint);
                break;
            case RehearsalStepKind.RollBackTo:
                ReturnTo(rehearsal, step.Savepoint);
                break;
            default:
                RepeatStatement(rehearsal, step);
                break;
        }
    }

    private void RepeatStatement(Rehearsal rehearsal, in RehearsalStep step)
    {
        if (step.Broken)
        {
            // The statement left nothing behind but its failure, and would spoil the transaction again.
            rehearsal.NextOrdinal++;
            rehearsal.Strayed = true;
            rehearsal.State = RehearsalState.Failed;
            rehearsal.History.Add(step, 0, TimeSpan.Zero, rehearsal.OnGroup);
            return;
        }

        RunStep(rehearsal, step.Statement!, default, out var again);
        if (again.Answer != step.Answer || again.Broken)
        {
            throw new RehearsalLostException();
        }
    }

    /// <summary>
    /// Begins again on the same base and runs the recorded statements, savepoints included. The answers must be those that the owner was given.
    /// </summary>
    private void RunAgain(Rehearsal rehearsal)
    {
        UndoPart(rehearsal);
        _definitions++;
        var former = rehearsal.Effects;
        rehearsal.Effects = former.Anew();
        BeginTransaction(rehearsal.Clock, rehearsal.Seed, rehearsal.Options, rehearsal.Effects, rehearsal.OnGroup);
        NameAgain(rehearsal.RequestId, rehearsal.BaseIndex, rehearsal.UnixMilliseconds);
        rehearsal.Gone = false;
        var answers = new Mixer(0);
        var mark = 0;
        for (var i = 0; i <= rehearsal.Record.Count; i++)
        {
            for (; mark < rehearsal.Marks.Count && rehearsal.Marks[mark].Statements == i; mark++)
            {
                Connection.Execute($"SAVEPOINT s{mark}");
                rehearsal.Marks[mark] = rehearsal.Marks[mark] with { Digest = _state->Digest, Effects = rehearsal.Effects.Mark() };
            }

            if (i < rehearsal.Record.Count)
            {
                RepeatOwn(rehearsal, rehearsal.Record[i]);
                answers = Answered(answers);
            }
        }

        rehearsal.Effects.KeepValuesOf(former);
        if (answers.Value != rehearsal.Answers.Value)
        {
            throw new RehearsalLostException();
        }
    }

    private void RepeatOwn(Rehearsal rehearsal, in TransactionStatement statement)
    {
        try
        {
            Repeat(rehearsal.Seed, statement, rehearsal.Options);
        }
        catch (ApplyStoppedException)
        {
            throw new RehearsalLostException();
        }
    }
}
