using System.Diagnostics;

namespace Rqlite.Pg.Storage;

/// <content>Files that take the place of the database.</content>
public sealed partial class Database
{
    /// <summary>
    /// Replaces the database by the file of a load, as the effect of an entry. For the applier, between two entries. The rename of <c>CURRENT</c> is
    /// the commit point: a crash before it leaves the old database, to which the entry is applied again; after it the new one is at this entry.
    /// </summary>
    /// <returns>False if the chunks are not those of the load: then the entry does nothing, on any node.</returns>
    /// <exception cref="StorageException">This node cannot go on.</exception>
    public bool ApplyLoad(in EntryStamp stamp, DatabaseLoad load)
    {
        ArgumentNullException.ThrowIfNull(load);
        var started = Stopwatch.GetTimestamp();
        var position = Writer.BeginLoad(stamp, load);
        var folder = _directory.CreateIncoming();
        try
        {
            if (!TryStage(folder, load, position))
            {
                Writer.PassOverLoad(stamp);
                _files.DeleteDirectory(folder);
                return false;
            }
        }
        catch
        {
            TryDelete(folder);
            throw;
        }

        var next = Adopt(new ReceivedCopy(folder, position.Index, position.Term, _files));
        _directory.WriteCurrent(next.Number);
        SwitchTo(next);
        lock (_durableLock)
        {
            _durable = Math.Max(_durable, position.Index);
        }

        _files.Passing(StorageStep.InstallFinished);
        Writer.NoteSequencesReplaced();
        StorageLog.FileLoaded(_logger, load.Bytes, position.Index, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return true;
    }

    /// <summary>Receives a database file into a folder of its own and checks it; the open database goes on meanwhile.</summary>
    /// <exception cref="LoadRefusedException">The file cannot become the database.</exception>
    /// <exception cref="BackupRefusedException">The disk has no room for it.</exception>
    public async ValueTask<UploadedDatabase> ReceiveUploadAsync(Stream source, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(source);
        var folder = _directory.CreateScratch();
        try
        {
            var path = Path.Combine(folder, GenerationDirectory.MainName);
            await ReceiveFileAsync(source, path, token).ConfigureAwait(false);

            // The chunks in the database and in the log, and the new database.
            RequireDisk(3 * new FileInfo(path).Length, "the load of a database");
            return await Task.Run(
                () =>
                {
                    new UploadCheck(path, _options).Run();
                    return UploadedDatabase.Open(path, () => TryDelete(folder));
                },
                token).ConfigureAwait(false);
        }
        catch
        {
            TryDelete(folder);
            throw;
        }
    }

    private async ValueTask ReceiveFileAsync(Stream source, string path, CancellationToken token)
    {
        using var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        OwnerOnly.Restrict(file);
        var buffer = new byte[CopyFormat.BufferLength];
        long length = 0;
        while (await source.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token).ConfigureAwait(false) is > 0 and var read)
        {
            RequireDisk(read, "the load of a database");
            try
            {
                await RandomAccess.WriteAsync(file, buffer.AsMemory(0, read), length, token).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw StorageFiles.Failure("write", path, e);
            }

            length += read;
        }
    }

    /// <summary>Builds the database of a load and throws it away: what is proposed must succeed on every node.</summary>
    /// <exception cref="LoadRefusedException">The chunks are not those of the load, or make no database that this node can open.</exception>
    /// <exception cref="BackupRefusedException">The disk has no room for it.</exception>
    public void TryLoad(DatabaseLoad load)
    {
        ArgumentNullException.ThrowIfNull(load);
        RequireDisk(2 * load.Bytes, "the load of a database");
        var folder = _directory.CreateScratch();
        try
        {
            if (!TryStage(folder, load, Writer.Position))
            {
                throw new LoadRefusedException("the chunks of the file are not complete: another load may have taken their place");
            }
        }
        catch (StorageException e)
        {
            throw new LoadRefusedException($"the file cannot take the place of the database: {e.Message}", e);
        }
        finally
        {
            _files.DeleteDirectory(folder);
        }
    }

    /// <summary>True if a load has taken effect, as long as its name is kept.</summary>
    public async ValueTask<bool> HasLoadedAsync(ReadOnlyMemory<byte> id, CancellationToken token)
    {
        using var lease = await _readers.RentAsync(null, token).ConfigureAwait(false);
        lease.BeginSnapshot();
        using var request = lease.Keep().Connection.Prepare("SELECT 1 FROM _rqlite_requests WHERE id=?1");
        return request.Bind(1, id.Span).Step() == ResultCode.Row;
    }

    /// <summary>The load whose chunks lie in the database, and the time of the last of them, in seconds since 1970; null if there is none.</summary>
    public async ValueTask<(byte[] Id, long UnixSeconds)?> PendingLoadAsync(CancellationToken token)
    {
        using var lease = await _readers.RentAsync(null, token).ConfigureAwait(false);
        lease.BeginSnapshot();
        var connection = lease.Keep().Connection;
        if (!LoadTable.Exists(connection))
        {
            return null;
        }

        using var last = connection.Prepare($"SELECT load, time FROM main.{OwnTables.Load} ORDER BY number DESC LIMIT 1");
        return last.Step() == ResultCode.Row ? (last.Blob(0), last.Integer(1)) : null;
    }

    private bool TryStage(string folder, DatabaseLoad load, in AppliedPosition position)
    {
        using var use = UseGeneration();
        using var live = Connection.Open(use.Generation.MainPath, _options, writer: false, clock: null);
        live.Execute("BEGIN");
        return new StagedLoad(folder, _options, _files, Writer.ThrowIfStopped).TryBuild(live, load, position);
    }

    private void TryDelete(string folder)
    {
        try
        {
            _files.DeleteDirectory(folder);
        }
        catch (StorageException)
        {
            // The failure under way says more; a start removes the folder.
        }
    }
}
