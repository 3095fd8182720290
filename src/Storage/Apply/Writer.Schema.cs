namespace Rqlite.Pg.Storage;

/// <content>The schema that statements on the writer see, which may hold changes that are not committed.</content>
public sealed unsafe partial class Writer
{
    private const ulong SchemaMovedDigest = 0x6D6F766564;

    private (long Version, long Definitions, long Number) _stamp;
    private bool _defining;
    private bool _metadataChanged;
    private long _versionBefore;

    /// <summary>True if a schema version is named and the schema has another one.</summary>
    private bool IsMoved(long version) => version != 0 && version != Connection.Sql.SchemaVersion;

    private void BeginDefinition(bool defines)
    {
        _defining = defines;
        Connection.SchemaChanged |= defines;
    }

    private void EndDefinition(bool defined)
    {
        _defining = false;
        Connection.SchemaChanged |= defined;
        _definitions += defined ? 1 : 0;
    }

    private void BeginMetadata(Statement statement)
    {
        // Only statements of ours can change metadata.
        _metadataChanged = false;
        _versionBefore = statement.IsOurs || statement.Steps.Any(static step => step.IsOurs) ? Connection.Sql.SchemaVersion : 0;
    }

    /// <summary>Gives the schema a new version if a statement has changed metadata and nothing else that has one.</summary>
    private StatementError? EndMetadata()
    {
        if (!_metadataChanged || Connection.Sql.SchemaVersion != _versionBefore)
        {
            return null;
        }

        if (WriteVirtualTables(0) is { } unwritten)
        {
            return unwritten;
        }

        Connection.BumpSchema();
        EndDefinition(defined: true);
        return null;
    }

    /// <summary>See <see cref="IConnectionSql.SchemaStamp"/>.</summary>
    private long StampOf(long version)
    {
        if (_defining)
        {
            // The schema is in between.
            return SchemaStamps.Next();
        }

        if (!Connection.SchemaChanged)
        {
            return _stamps.Of(Path, version);
        }

        // A rollback gives the version to another schema, and counts as a definition.
        if ((_stamp.Version, _stamp.Definitions) != (version, _definitions))
        {
            _stamp = (version, _definitions, SchemaStamps.Next());
        }

        return _stamp.Number;
    }

    /// <summary>Checks that a transaction finds the schema that its statements were made for, now that it has got the writer.</summary>
    /// <exception cref="SchemaMovedException">The transaction begins, and the schema is another one.</exception>
    /// <exception cref="RehearsalLostException">The transaction resumes, and the schema has changed since it began.</exception>
    private void CheckSchema(Rehearsal rehearsal, bool resumes)
    {
        if (!resumes && IsMoved(rehearsal.SchemaVersion))
        {
            throw new SchemaMovedException(rehearsal.BaseIndex);
        }

        if (resumes && rehearsal.BoundToSchema && IsMoved(rehearsal.SchemaVersion))
        {
            throw new RehearsalLostException();
        }

        rehearsal.BoundToSchema |= rehearsal.SchemaVersion != 0;
        rehearsal.SchemaVersion = Connection.Sql.SchemaVersion;
    }

    // A failed rehearsal whose work is gone stays so until its owner returns to a savepoint.
    private static readonly StatementError s_gone = new(ResultCode.Interrupt, "the transaction was rolled back by a failed statement", -1);

    /// <summary>See <see cref="Rehearsal.Peek"/>.</summary>
    internal ReadOnlyMemory<byte> PeekRehearsed(Rehearsal rehearsal, Statement statement, CancellationToken token)
    {
        Enter(rehearsal, RehearsalState.Failed);
        try
        {
            _output.Clear();
            _elapsed.Clear();
            rehearsal.BoundToSchema = true;

            // A full-text index writes what it has gathered when it is read, and a replay does not read it.
            rehearsal.Strayed = true;
            var error = rehearsal.Gone ? s_gone : RunInterruptible(rehearsal, rehearsal.NextOrdinal, statement, readOnly: true, token, out _);
            var interrupted = rehearsal.EvictionWanted && error is { ResultCode: ResultCode.Interrupt } && !token.IsCancellationRequested;
            rehearsal.EvictionWanted = false;
            if (interrupted && rehearsal.Repeatable)
            {
                Detach(rehearsal, RehearsalState.Evicted);
                throw new RehearsalEvictedException();
            }

            if (error is not null)
            {
                var digest = _state->Digest;
                WriteError(0, error);
                _state->Digest = digest;
            }

            return _output.Written.ToArray();
        }
        finally
        {
            Leave();
        }
    }
}
