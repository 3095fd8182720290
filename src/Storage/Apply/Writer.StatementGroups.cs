namespace Rqlite.Pg.Storage;

/// <content>Groups: several statements that take effect together as one (<see cref="Statement.Steps"/>).</content>
public sealed unsafe partial class Writer
{
    // The effects of a group's steps on the session are part of the group's answer, whichever step that is.
    private bool _inGroup;

    /// <summary>Runs a group of a command; false if the entry has to begin anew.</summary>
    private bool TryRunGroup(in EntryStamp stamp, int number, int ordinal, StatementBatch batch, Statement group, out StatementError? error)
    {
        // The statements of an atomic batch are undone together as it is.
        var alone = !batch.IsUndoneTogether;
        var before = _effects!.Current.Mark();
        var start = _output.Length;
        error = null;
        if (alone)
        {
            _transaction!.SetSavepoint();
        }

        for (var i = 0; i < group.Steps.Count && error is null; i++)
        {
            var at = _output.Length;
            _inGroup = true;
            try
            {
                if (!TryRunText(stamp, number, ordinal, batch.Options, group.Steps[i], group.Settings, out error))
                {
                    return false;
                }
            }
            finally
            {
                _inGroup = false;
            }

            if (i != group.Answer)
            {
                RewindOutput(at);
            }
        }

        error ??= EndMetadata();
        if (alone && error is null && (batch.Options & BatchOptions.ForeignKeys) != 0 && Connection.DeferredForeignKeyViolations() > 0)
        {
            error = new StatementError(
                ResultCode.ConstraintForeignKey, "FOREIGN KEY constraint failed", batch.Atomic ? StatementError.CommitOffset : -1);
            _effects.Abandon();
        }

        if (error is null)
        {
            EndAnswer(start, group);
        }
        else if (alone)
        {
            _transaction!.RollbackToSavepoint();
            _definitions++;
            _effects.Current.RollBackTo(before);
            return true;
        }

        if (alone)
        {
            _transaction!.ReleaseSavepoint();
        }

        return true;
    }

    /// <summary>Runs a group of a transaction, which fails as a whole if a step does.</summary>
    private StatementError? RunGroup(Statement group, BatchOptions options, bool readOnly, ref bool wrote)
    {
        var start = _output.Length;
        for (var i = 0; i < group.Steps.Count; i++)
        {
            var at = _output.Length;
            _inGroup = true;
            try
            {
                if (RunText(group.Steps[i], group.Settings, options, readOnly, ref wrote) is { } error)
                {
                    return error;
                }
            }
            finally
            {
                _inGroup = false;
            }

            if (i != group.Answer)
            {
                RewindOutput(at);
            }
        }

        if (EndMetadata() is { } unwritten)
        {
            return unwritten;
        }

        EndAnswer(start, group);
        return null;
    }

    /// <summary>Completes the answer of a group, whose other steps have left nothing in the output.</summary>
    private void EndAnswer(int start, Statement group)
    {
        var effects = _effects!.TakeForSession();
        var outcome = new StatementOutcome(false, 0, 0, TimeSpan.Zero, null);
        var ticks = 0L;
        if (group.Answer >= 0)
        {
            if (effects is null)
            {
                return;
            }

            (var at, ticks) = _elapsed[^1];
            at -= RowEncoding.ElapsedOffset;
            outcome = RowEncoding.ReadOutcome(_output[(at + RowEncoding.HeadLength)..]);
            RewindOutput(at);
        }
        else
        {
            RewindOutput(start);
            RowEncoding.WriteSchema(_output, RowSchema.Empty);
        }

        _elapsed.Add((_output.Length + RowEncoding.ElapsedOffset, ticks));
        RowEncoding.WriteOutcome(_output, outcome with { Effects = effects });
    }
}
