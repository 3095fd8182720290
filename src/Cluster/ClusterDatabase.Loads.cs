using System.Buffers;
using Rqlite.Pg.Cluster.Nodes;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <content>Files that take the place of the database.</content>
internal sealed partial class ClusterDatabase
{
    /// <summary>The silence after which a load counts as abandoned, for the next one.</summary>
    private static readonly TimeSpan s_loadSilence = TimeSpan.FromMinutes(1);

    /// <summary>The silence after which the leader removes the chunks of a load.</summary>
    private static readonly TimeSpan s_loadKept = TimeSpan.FromMinutes(10);

    /// <summary>The longest that the leader may take to try a load and to apply it.</summary>
    private static readonly TimeSpan s_loadMax = TimeSpan.FromMinutes(30);

    private readonly SemaphoreSlim _loads = new(1, 1);

    public async ValueTask LoadAsync(Stream file, bool forward, TimeSpan timeout, CancellationToken token)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!forward && !_log.IsLeader)
        {
            throw NotLeader();
        }

        if (!await _loads.WaitAsync(TimeSpan.Zero, token).ConfigureAwait(false))
        {
            throw AnotherLoad();
        }

        using var work = Work.Begin("load", "receiving the file");
        try
        {
            var counted = new CountedStream(file, work);
            await using (counted.ConfigureAwait(false))
            {
                var upload = await ReceiveAsync(counted, token).ConfigureAwait(false);
                await using (upload.ConfigureAwait(false))
                {
                    await SendFileAsync(upload, work, timeout, token).ConfigureAwait(false);
                }
            }

            work.Succeed();
        }
        finally
        {
            _loads.Release();
        }
    }

    /// <summary>Removes the chunks of a load whose sender has been silent for long; on the leader, now and then.</summary>
    public async ValueTask SweepLoadsAsync(CancellationToken token)
    {
        if (_log.IsLeader && await PendingLoadAsync(token).ConfigureAwait(false) is { } pending && pending.Silence > s_loadKept)
        {
            await RemoveLoadAsync(pending.Id, WriteOptions.Default, token).ConfigureAwait(false);
        }
    }

    private static ClusterException AnotherLoad() => new(ClusterError.Busy, "another database is being loaded");

    private async ValueTask<UploadedDatabase> ReceiveAsync(Stream file, CancellationToken token)
    {
        try
        {
            return await _storage.ReceiveUploadAsync(file, token).ConfigureAwait(false);
        }
        catch (LoadRefusedException e)
        {
            throw new ClusterException(ClusterError.Invalid, e.Message, null, e);
        }
        catch (BackupRefusedException e)
        {
            throw new ClusterException(ClusterError.DiskFull, e.Message, null, e);
        }
        catch (StorageException e)
        {
            throw new ClusterException(ClusterError.NotReady, e.Message, null, e);
        }
    }

    private async ValueTask SendFileAsync(UploadedDatabase upload, LongWork.Item work, TimeSpan timeout, CancellationToken token)
    {
        var load = upload.Load;
        var write = WriteOptions.Default with { Timeout = timeout };
        var complete = false;
        try
        {
            await BeginLoadAsync(load.Id, write, token).ConfigureAwait(false);
            work.Enter("writing it to the log", work.Done);
            for (var number = 1; number <= load.Chunks; number++)
            {
                var bytes = await Task.Run(() => upload.ReadChunk(number), token).ConfigureAwait(false);
                var chunk = LoadTable.Add(load.Id, number, bytes);
                if (await ChangedAsync(chunk, write, token).ConfigureAwait(false) == 0)
                {
                    throw AnotherLoad();
                }

                work.Add(bytes.Length);
            }

            work.Enter("putting it in the place of the database", null);
            complete = true;
            await FinishLoadAsync(load, timeout, token).ConfigureAwait(false);
        }
        catch (Exception e) when (!complete || e is not ClusterException { Error: ClusterError.OutcomeUnknown })
        {
            // Nothing can take effect without the last entry, whatever became of a chunk that the client did not wait for.
            await TryRemoveLoadAsync(load.Id).ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask BeginLoadAsync(ReadOnlyMemory<byte> id, WriteOptions write, CancellationToken token)
    {
        if (await ChangedAsync(LoadTable.Begin(id), write, token).ConfigureAwait(false) > 0)
        {
            return;
        }

        // This node may not have applied what the leader has.
        await _barrier.WaitForIndexAsync(await _log.ReadIndexAsync(token).ConfigureAwait(false), token).ConfigureAwait(false);
        if (await PendingLoadAsync(token).ConfigureAwait(false) is not { } pending || pending.Silence < s_loadSilence)
        {
            throw AnotherLoad();
        }

        await RemoveLoadAsync(pending.Id, write, token).ConfigureAwait(false);
        if (await ChangedAsync(LoadTable.Begin(id), write, token).ConfigureAwait(false) == 0)
        {
            throw AnotherLoad();
        }
    }

    private async ValueTask<(byte[] Id, TimeSpan Silence)?> PendingLoadAsync(CancellationToken token) =>
        await _storage.PendingLoadAsync(token).ConfigureAwait(false) is { } pending
            ? (pending.Id, _time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(pending.UnixSeconds)) : null;

    private async ValueTask RemoveLoadAsync(ReadOnlyMemory<byte> id, WriteOptions write, CancellationToken token)
    {
        while (await ChangedAsync(LoadTable.Remove(id), write, token).ConfigureAwait(false) > 0)
        {
        }
    }

    private async ValueTask TryRemoveLoadAsync(ReadOnlyMemory<byte> id)
    {
        using var limit = new CancellationTokenSource(s_loadSilence);
        try
        {
            await RemoveLoadAsync(id, WriteOptions.Default, limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ClusterException or OperationCanceledException)
        {
            // The next load or the leader removes them.
        }
    }

    /// <summary>Runs a batch of ours and answers with the number of rows that its last statement has changed.</summary>
    private async ValueTask<long> ChangedAsync(StatementBatch batch, WriteOptions write, CancellationToken token)
    {
        var result = await ExecuteAsync(batch, write, token).ConfigureAwait(false);
        await using (result.ConfigureAwait(false))
        {
            long changed = 0;
            while (await result.NextAsync(token).ConfigureAwait(false) is { } rows)
            {
                await using (rows.ConfigureAwait(false))
                {
                    while (await rows.WaitToReadAsync(token).ConfigureAwait(false))
                    {
                        rows.TryRead();
                    }

                    changed = rows.Outcome.Error is { } error
                        ? throw new ClusterException(ClusterError.NotReady, $"the load failed: {error.Message}") : rows.Outcome.RowsAffected;
                }
            }

            return changed;
        }
    }

    private async ValueTask FinishLoadAsync(DatabaseLoad load, TimeSpan timeout, CancellationToken token)
    {
        var body = new ArrayBufferWriter<byte>();
        LogLoadEncoding.WriteLoad(body, load);
        await _route.RunAsync(
            write: true,
            s_loadMax,
            async (_, t) => await InstallLoadAsync(load, timeout, t).ConfigureAwait(false),
            async (leader, _, t) => await _peers.AskAsync(leader.RaftAddress, NodeRequestKind.Load, body.WrittenMemory, t).ConfigureAwait(false) is [1],
            token).ConfigureAwait(false);
    }

    /// <summary>Tries the load and proposes it; a repetition of one that has taken effect succeeds at once.</summary>
    private async ValueTask<bool> InstallLoadAsync(DatabaseLoad load, TimeSpan timeout, CancellationToken token)
    {
        // A new leader may not have applied yet what the last one has proposed.
        await _barrier.WaitForIndexAsync(await _log.ReadIndexAsync(token).ConfigureAwait(false), token).ConfigureAwait(false);
        if (await _storage.HasLoadedAsync(load.Id, token).ConfigureAwait(false))
        {
            return true;
        }

        try
        {
            await Task.Run(() => _storage.TryLoad(load), token).ConfigureAwait(false);
        }
        catch (LoadRefusedException e)
        {
            throw new ClusterException(ClusterError.Invalid, e.Message, null, e);
        }
        catch (BackupRefusedException e)
        {
            throw new ClusterException(ClusterError.DiskFull, e.Message, null, e);
        }

        return await _proposals.ProposeLoadAsync(load, timeout, token).ConfigureAwait(false)
            ? true : throw new ClusterException(ClusterError.Invalid, "the chunks of the file were removed before it took the place of the database");
    }

    private async ValueTask AnswerLoadAsync(ReadOnlyMemory<byte> body, INodeAnswer answer, CancellationToken token)
    {
        if (!_log.IsLeader)
        {
            throw NotLeader();
        }

        var load = ReadLoad(body);
        await InstallLoadAsync(load, s_backupWait, token).ConfigureAwait(false);
        await answer.WriteFrameAsync(new byte[] { 1 }, token).ConfigureAwait(false);
    }

    private static DatabaseLoad ReadLoad(ReadOnlyMemory<byte> body)
    {
        var reader = new FieldReader(body);
        var load = LogLoadEncoding.ReadLoad(ref reader);
        reader.End();
        return load;
    }
}
