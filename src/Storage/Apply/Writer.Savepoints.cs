namespace Rqlite.Pg.Storage;

/// <content>Savepoints of transactions that are run ahead of their entry.</content>
public sealed unsafe partial class Writer
{
    internal void SetSavepoint(Rehearsal rehearsal)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            PlaceSavepoint(rehearsal);
        }
        finally
        {
            Leave();
        }
    }

    internal void Release(Rehearsal rehearsal, int savepoint)
    {
        Enter(rehearsal, RehearsalState.Open);
        try
        {
            RemoveSavepoints(rehearsal, savepoint);
        }
        finally
        {
            Leave();
        }
    }

    internal void RollBackTo(Rehearsal rehearsal, int savepoint)
    {
        Enter(rehearsal, RehearsalState.Failed);
        try
        {
            ReturnTo(rehearsal, savepoint);
        }
        catch (Exception e) when (e is StorageException or RehearsalLostException)
        {
            Detach(rehearsal, RehearsalState.Lost);
            throw;
        }
        finally
        {
            Leave();
        }
    }

    private void PlaceSavepoint(Rehearsal rehearsal)
    {
        rehearsal.Strayed = true;
        Connection.Execute($"SAVEPOINT s{rehearsal.Marks.Count}");
        rehearsal.Marks.Add(new RehearsalMark(
            rehearsal.Record.Count, rehearsal.RecordBytes, rehearsal.Answers, _state->Digest, Native.sqlite3_last_insert_rowid(Connection.Handle),
            _state->TotalChanges(Connection.Handle), _state->Changes(Connection.Handle), rehearsal.Effects.Mark()));
        rehearsal.History.Add(RehearsalStepKind.SetSavepoint, 0, rehearsal.OnGroup);
    }

    private void RemoveSavepoints(Rehearsal rehearsal, int savepoint)
    {
        Connection.Execute($"RELEASE s{savepoint}");
        rehearsal.Marks.RemoveRange(savepoint, rehearsal.Marks.Count - savepoint);
        rehearsal.History.Add(RehearsalStepKind.Release, savepoint, rehearsal.OnGroup);
    }

    private void ReturnTo(Rehearsal rehearsal, int savepoint)
    {
        var mark = rehearsal.Marks[savepoint];
        rehearsal.Record.RemoveRange(mark.Statements, rehearsal.Record.Count - mark.Statements);
        rehearsal.RecordBytes = mark.Bytes;
        rehearsal.Answers = mark.Answers;
        rehearsal.Effects.RollBackTo(mark.Effects);
        rehearsal.Effects.NoteUndone();
        rehearsal.Marks.RemoveRange(savepoint + 1, rehearsal.Marks.Count - savepoint - 1);
        if (rehearsal.Gone)
        {
            RunAgain(rehearsal);
        }
        else
        {
            Connection.Execute($"ROLLBACK TO s{savepoint}");
            Connection.RolledBack();
            _definitions++;

            // SQLite does not restore the connection's counters; a replay, which lacks the undone statements, must find the same values.
            Native.sqlite3_set_last_insert_rowid(Connection.Handle, mark.LastRowId);
            _state->Digest = mark.Digest;
            _state->SetChanges(Connection.Handle, mark.TotalChanges, mark.Changes);
        }

        rehearsal.State = RehearsalState.Open;
        rehearsal.History.Add(RehearsalStepKind.RollBackTo, savepoint, rehearsal.OnGroup);
    }
}
