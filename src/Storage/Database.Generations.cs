namespace Rqlite.Pg.Storage;

/// <content>Finding, creating, using and closing the files.</content>
public sealed partial class Database
{
    /// <summary>The generation to open, or null if the first is to be created.</summary>
    private long? FindGeneration()
    {
        if (_directory.ReadCurrent() is { } current)
        {
            _directory.Clean(current);
            return current;
        }

        foreach (var number in _directory.Unnamed())
        {
            CheckUnfinished(number);
        }

        _directory.Clean(0);
        _directory.Create(FirstGeneration);
        return null;
    }

    /// <summary>
    /// A crash while the first generation is created leaves an empty one. Any other generation without CURRENT holds data, and the node does
    /// not decide about it.
    /// </summary>
    private void CheckUnfinished(long number)
    {
        var path = Path.Combine(_directory.PathOf(number), GenerationDirectory.MainName);
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            return;
        }

        using var connection = Connection.Open(path, _options, writer: true, clock: null);
        if (EntryTransaction.HasPosition(connection) && EntryTransaction.ReadPosition(connection).Index > 0)
        {
            throw new StorageException(
                ResultCode.CannotOpen,
                $"'{Path.Combine(_directory.Root, "CURRENT")}' is missing, but '{path}' has content. Restore the file, or delete the node's "
                + "data directory and join again as a new node.");
        }
    }

    private void OpenGeneration()
    {
        var create = _directory.ReadCurrent() is null;
        Writer.Open(MainFile, create);
        var checkpointer = new Checkpointer(_generation, _options, _files);
        _generation.Checkpointer = checkpointer;
        if (create)
        {
            checkpointer.Copy();
            checkpointer.SyncWal();
            checkpointer.SyncMain();
            _files.Passing(StorageStep.GenerationCreated);
            _directory.WriteCurrent(_generation.Number);
        }
    }

    /// <summary>The valid generation, kept open until the returned use is disposed.</summary>
    private GenerationUse UseGeneration()
    {
        while (true)
        {
            var generation = Volatile.Read(ref _generation);
            if (generation.TryAddUser())
            {
                return new GenerationUse(generation);
            }

            // The generation was superseded and closed between the two lines; the next turn of the loop finds its successor.
            ObjectDisposedException.ThrowIf(_disposed, this);
        }
    }

    /// <summary>Deletes superseded generations. Removing a large file takes long, so it is left to the thread that checkpoints.</summary>
    private void DeleteFormer()
    {
        for (var count = _former.Count; count > 0 && _former.TryDequeue(out var former); count--)
        {
            if (!former.TryDelete())
            {
                _former.Enqueue(former);
            }
        }
    }

    private void CloseGeneration()
    {
        try
        {
            DeleteFormer();
            _generation.Checkpointer?.Truncate();
        }
        finally
        {
            ((IDisposable)Writer).Dispose();
            _generation.RemoveUser();
        }
    }
}
