using System.IO.Pipelines;
using Microsoft.Data.Sqlite;

namespace Rqlite.Pg.Storage;

/// <content>Backups: copies of the database for another program or another cluster.</content>
public sealed partial class Database
{
    private static readonly TimeSpan s_backupWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _backups = new(1, 1);

    /// <summary>The longest wait for another backup; replaced in tests.</summary>
    internal TimeSpan BackupWait { get; set; } = s_backupWait;

    /// <summary>
    /// Makes a backup of one state of the database in a folder of its own, while writes go on. It holds nothing that belongs to the running cluster.
    /// The next backup can begin when it is disposed.
    /// </summary>
    /// <exception cref="BackupRefusedException">Another backup is being made, or the disk has no room; nothing was begun.</exception>
    /// <exception cref="StorageException">The disk failed, or the database is damaged.</exception>
    public async ValueTask<BackupFile> BackUpAsync(BackupRequest request, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!await _backups.WaitAsync(BackupWait, token).ConfigureAwait(false))
        {
            throw new BackupRefusedException("failed to acquire backup CAS lock", diskFull: false);
        }

        string? folder = null;
        try
        {
            RequireDisk(request);
            folder = _directory.CreateScratch();
            await CopyToAsync(folder, token).ConfigureAwait(false);
            var path = Path.Combine(folder, GenerationDirectory.MainName);

            // Statements that take as long as the database is large.
            await Task.Run(() => Detach(path, request, token), token).ConfigureAwait(false);
            return new BackupFile(path, request, _options.Sql, () => EndBackup(folder));
        }
        catch (Exception e) when (e is SqliteException or IOException)
        {
            EndBackup(folder);
            throw new StorageException((e as SqliteException)?.SqliteExtendedErrorCode ?? ResultCode.IOError, $"The backup failed: {e.Message}", e);
        }
        catch
        {
            EndBackup(folder);
            throw;
        }
    }

    private void EndBackup(string? folder)
    {
        try
        {
            if (folder is not null)
            {
                _files.DeleteDirectory(folder);
            }
        }
        finally
        {
            _backups.Release();
        }
    }

    private void RequireDisk(BackupRequest request)
    {
        using var use = UseGeneration();
        var database = RandomAccess.GetLength(use.Generation.Main) + WalBytes;

        // The write-ahead log is copied and then brought into the copy; a VACUUM writes the database once more, and its log.
        RequireDisk(database + WalBytes + (request is { Vacuum: true, Format: not BackupFormat.Sql } ? 2 * database : 0), "a backup");
    }

    /// <exception cref="BackupRefusedException">The disk has no room.</exception>
    private void RequireDisk(long bytes, string what)
    {
        var free = Writer.FreeDiskBytes(_options.Directory);
        if (free < bytes + _options.DiskReserveBytes)
        {
            throw new BackupRefusedException(
                $"not enough disk space for {what}: it takes {bytes} bytes, {_options.DiskReserveBytes} are to stay free, and {free} are free", diskFull: true);
        }
    }

    /// <summary>Writes a copy into a folder, as fast as the disk takes it: the write-ahead log of the live database cannot start over meanwhile.</summary>
    private async ValueTask CopyToAsync(string folder, CancellationToken token)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 * CopyFormat.BufferLength, resumeWriterThreshold: 2 * CopyFormat.BufferLength));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token);
        var writing = WriteAsync();
        try
        {
            await new CopyReceiver(folder, _files).ReceiveAsync(pipe.Reader.AsStream(), token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            await either.CancelAsync().ConfigureAwait(false);
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (writing.IsFaulted && writing.Exception.InnerException is StorageException cause)
            {
                throw cause;
            }

            throw;
        }

        await writing.ConfigureAwait(false);

        async Task WriteAsync()
        {
            Exception? failure = null;
            try
            {
                await WriteCopyAsync(pipe.Writer.AsStream(leaveOpen: true), either.Token).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                failure = e;
                throw;
            }
            finally
            {
                await pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
            }
        }
    }

    private void Detach(string path, BackupRequest request, CancellationToken token)
    {
        var rebuild = request is { Vacuum: true, Format: not BackupFormat.Sql };
        bool vacuumed;
        using (var scratch = new ScratchDatabase(path, _options.Sql))
        {
            scratch.RemoveClusterState();
            scratch.Checkpoint();
            token.ThrowIfCancellationRequested();
            vacuumed = !rebuild || TryVacuum(scratch);
            scratch.Checkpoint();
            scratch.SetJournalMode("delete");
        }

        token.ThrowIfCancellationRequested();
        if (!vacuumed)
        {
            Vacuum(path);
        }

        FreePages.Clear(path);
        if (request.Format == BackupFormat.Binary)
        {
            using var scratch = new ScratchDatabase(path, _options.Sql);
            scratch.SetJournalMode("wal");
        }
    }

    /// <summary>False if definitions call functions of this project: VACUUM runs them again, on a connection that knows them.</summary>
    private static bool TryVacuum(ScratchDatabase scratch)
    {
        try
        {
            scratch.Execute("VACUUM");
            return true;
        }
        catch (SqliteException e) when (ScratchDatabase.NeedsExtension(e))
        {
            return false;
        }
    }

    private void Vacuum(string path)
    {
        using var connection = Connection.Open(path, _options, writer: true, clock: null);
        connection.AllowVacuum();
        connection.Execute("VACUUM");
        connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        connection.Execute("PRAGMA journal_mode=DELETE");
    }
}
