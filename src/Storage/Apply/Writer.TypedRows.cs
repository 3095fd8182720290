namespace Rqlite.Pg.Storage;

/// <content>Statements that were not translated for the types of the columns that they write (<see cref="ITypedSchema"/>).</content>
public sealed unsafe partial class Writer
{
    private readonly RowGuard _guard = new();

    // A savepoint can undo the statement.
    private bool _guarded;
    private (long Total, long LastRowId) _unguarded;
    private IDefinitionFollower? _follower;

    /// <summary>Called before a statement runs. It is watched if it may store rows that its translation has not seen to.</summary>
    private StatementError? BeginRows(StatementHandle handle, Statement statement)
    {
        (_guarded, _follower, _state->Guard) = (false, null, 0);
        if (_options.Sql.TypedSchema is not { } schema || !handle.ChangesRows || handle.Explain || statement.IsOurs)
        {
            return null;
        }

        try
        {
            if (_guard.Definitions != _definitions)
            {
                _guard.Load(schema, Connection.Sql);
                _guard.Definitions = _definitions;
            }

            if (_guard.Tables is null)
            {
                return null;
            }

            if (handle.Defines)
            {
                _follower = statement.IsTyped || handle.Analyzes ? null : schema.Follow(Connection.Sql);
                return null;
            }
        }
        catch (Exception e) when (IsStatements(e))
        {
            return StatementError.Of("XX000", e.Message);
        }

        _guard.Begin();
        _state->Guard = _guard.Pointer;
        _state->GuardsNested = (byte)(statement.IsTyped ? 1 : 0);
        if (!statement.IsTyped)
        {
            // Whichever tables it changes: a handle tells those of the schema in which it was prepared, and that differs from node to node.
            _unguarded = (_state->TotalChanges(Connection.Handle), Native.sqlite3_last_insert_rowid(Connection.Handle));
            _transaction!.SetRowSavepoint();
            _guarded = true;
        }

        return null;
    }

    /// <summary>Called after a statement that has run to its end: the error of the first row that does not fit.</summary>
    private StatementError? EndRows()
    {
        if (_follower is not null)
        {
            return FollowDefinition();
        }

        if (_state->Guard == 0)
        {
            return null;
        }

        _state->Guard = 0;
        try
        {
            if (_guard.Complete(Connection.Sql) is { } failure)
            {
                return ErrorOf(failure);
            }

            foreach (var (name, rowId) in _guard.Tables!.Inserted)
            {
                if (_effects!.Sequences.FindByName(name) is { Increment: > 0 } sequence && rowId <= sequence.Max
                    && (rowId > sequence.Value || (rowId == sequence.Value && !sequence.Called)))
                {
                    _effects.Sequences.Move(sequence with { Value = rowId, Called = true });
                }
            }

            return null;
        }
        catch (Exception e) when (IsStatements(e))
        {
            return StatementError.Of("XX000", e.Message);
        }
    }

    /// <summary>Called after a statement, whatever became of it. One that has failed here without a savepoint has to be undone with its entry.</summary>
    /// <param name="refused">It has run, and what it has changed is there still.</param>
    private void CloseRows(bool refused)
    {
        _state->Guard = 0;
        _follower = null;
        if (refused && !_guarded)
        {
            _state->NotUndone = 1;
        }

        if (!_guarded || Connection.Autocommit)
        {
            return;
        }

        _guarded = false;
        if (!refused)
        {
            _transaction!.ReleaseRowSavepoint();
            return;
        }

        _transaction!.RollBackToRowSavepoint();
        Native.sqlite3_set_last_insert_rowid(Connection.Handle, _unguarded.LastRowId);
        _state->SetChanges(Connection.Handle, _unguarded.Total, 0);
    }

    private StatementError? FollowDefinition()
    {
        try
        {
            var changes = _follower!.Changes(Connection.Sql);
            if (changes.Count == 0)
            {
                return null;
            }

            // Changes of our own tables do not count as the client's.
            var db = Connection.Handle;
            var (total, changed, rowId) = (_state->TotalChanges(db), _state->Changes(db), Native.sqlite3_last_insert_rowid(db));
            foreach (var sql in changes)
            {
                Connection.Execute(sql);
            }

            _state->SetChanges(db, total, changed);
            Native.sqlite3_set_last_insert_rowid(db, rowId);
            return null;
        }
        catch (SqlFunctionException e)
        {
            return ErrorOf(e);
        }
        catch (Exception e) when (IsStatements(e))
        {
            return StatementError.Of("XX000", e.Message);
        }
    }

    private static StatementError ErrorOf(SqlFunctionException failure) =>
        StatementError.Of(failure.SqlState, failure.Message) with { Detail = failure.Detail, Hint = failure.Hint };

    // An error that follows from the tables is the same on every node; a failure of the machine is not.
    private static bool IsStatements(Exception exception) => exception is StorageException e
        ? ResultCode.Classify(e.ResultCode) == ResultKind.Statement
        : exception is not (OutOfMemoryException or OperationCanceledException or ApplyStoppedException);
}
