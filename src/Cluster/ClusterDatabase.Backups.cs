using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Backups.</content>
internal sealed partial class ClusterDatabase : IDatabaseFiles
{
    /// <summary>The longest that the leader may take to make a backup before it sends it: it copies the whole database.</summary>
    private static readonly TimeSpan s_backupMax = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan s_backupWait = TimeSpan.FromSeconds(30);

    public IDatabaseFiles Files => this;

    public async ValueTask<BackupContent> BackUpAsync(
        BackupRequest request, bool anyNode, bool forward, TimeSpan timeout, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (anyNode)
        {
            _barrier.RequireDatabase();
            return await BackUpHereAsync(request, token).ConfigureAwait(false);
        }

        if (!forward && !_log.IsLeader)
        {
            throw NotLeader();
        }

        return await _route.RunAsync(
            write: false,
            _log.IsLeader ? timeout : s_backupMax,
            async (left, t) =>
            {
                // Writes that were acknowledged before this call are in the backup, also those of a leader that has been replaced since.
                var wait = left == Timeout.InfiniteTimeSpan || left > timeout ? timeout : left;
                await WaitAsync(wait, async w => await _barrier.WaitForIndexAsync(await _log.ReadIndexAsync(w).ConfigureAwait(false), w).ConfigureAwait(false), t)
                    .ConfigureAwait(false);
                return await BackUpHereAsync(request, token).ConfigureAwait(false);
            },
            async (leader, _, t) =>
            {
                var response = await _peers.SendAsync(leader.RaftAddress, NodeRequestKind.Backup, ForwardedBackup.Encode(request), t).ConfigureAwait(false);
                return await ForwardedBackup.ReadAsync(response, leader, t).ConfigureAwait(false);
            },
            token).ConfigureAwait(false);
    }

    private async ValueTask<BackupContent> BackUpHereAsync(BackupRequest request, CancellationToken token)
    {
        var work = Work.Begin("backup", "copying the database");
        BackupFile? file = null;
        try
        {
            file = await _storage.BackUpAsync(request, token).ConfigureAwait(false);
            work.Enter("sending", file.Length);
            return new BackupHere(file, work);
        }
        catch (BackupRefusedException e)
        {
            throw new ClusterException(e.DiskFull ? ClusterError.DiskFull : ClusterError.Busy, e.Message, null, e);
        }
        catch (StorageException e)
        {
            throw new ClusterException(ClusterError.NotReady, e.Message, null, e);
        }
        finally
        {
            if (file is null)
            {
                work.Dispose();
            }
        }
    }

    private async ValueTask AnswerBackupAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        var backup = await BackUpAsync(ForwardedBackup.Parse(body), anyNode: false, forward: false, s_backupWait, token).ConfigureAwait(false);
        await using (backup.ConfigureAwait(false))
        {
            await ForwardedBackup.AnswerAsync(backup, answer, token).ConfigureAwait(false);
        }
    }

    private sealed class BackupHere(BackupFile file, LongWork.Item work) : BackupContent
    {
        public override long? Length => file.Length;

        public override NodeDescription? ServedBy => null;

        public override async ValueTask CopyToAsync(Stream destination, CancellationToken token)
        {
            var counted = new CountedStream(destination, work);
            await using (counted.ConfigureAwait(false))
            {
                await file.CopyToAsync(counted, token).ConfigureAwait(false);
            }

            work.Succeed();
        }

        public override ValueTask DisposeAsync()
        {
            work.Dispose();
            return file.DisposeAsync();
        }
    }
}
