using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Cluster;

/// <summary>
/// Keeps the planner's statistics up to date: at intervals the leader runs ANALYZE of one table after the other, each as an entry of the log, so
/// that all nodes plan alike. A table for which that takes too long is left out, since other writes wait for it.
/// </summary>
internal sealed class AutoOptimize : IAsyncDisposable
{
    private static readonly TimeSpan s_tableMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lookMax = TimeSpan.FromMinutes(1);

    private readonly ClusterDatabase _database;
    private readonly IReplicatedLog _log;
    private readonly TimeSpan _interval;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private Content _last;

    // The log's index after the last run: without writes there is nothing new to learn.
    private long _index;

    /// <param name="directory">The node's folder, where it keeps the time of the last run.</param>
    public AutoOptimize(ClusterDatabase database, IReplicatedLog log, TimeSpan interval, string directory, TimeProvider time, ILogger logger)
    {
        _database = database;
        _log = log;
        _interval = interval;
        _path = Path.Combine(directory, "maintenance.json");
        _time = time;
        _logger = logger;
        _last = Load();
        _loop = RunAsync(_stopping.Token);
    }

    /// <summary>The start of the last run that this node made; null for none.</summary>
    public DateTimeOffset? Last => Volatile.Read(ref _last).LastOptimize;

    /// <summary>The time after which this node makes the next one, should it lead then.</summary>
    public DateTimeOffset Next => Volatile.Read(ref _last) is var last ? (last.LastOptimize ?? last.BaseOptimize) + _interval : default;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken token)
    {
        using var timer = new PeriodicTimer(_interval < s_lookMax ? _interval : s_lookMax, _time);
        while (await timer.WaitForNextTickAsync(token).ConfigureAwait(false))
        {
            if (!_log.IsLeader || _time.GetUtcNow() < Next)
            {
                continue;
            }

            try
            {
                await OptimizeAsync(token).ConfigureAwait(false);
            }
            catch (Exception error) when (error is ClusterException or StorageException or ReadersBusyException or IOException or UnauthorizedAccessException)
            {
                _logger.NotOptimized(error.Message);
            }
        }
    }

    private async ValueTask OptimizeAsync(CancellationToken token)
    {
        var now = _time.GetUtcNow();
        var (done, left) = (0, 0);
        if (_log.AppliedIndex != _index)
        {
            foreach (var table in await TablesAsync(token).ConfigureAwait(false))
            {
                if (await AnalyzeAsync(table, token).ConfigureAwait(false) is { } reason)
                {
                    left++;
                    _logger.TableNotOptimized(PrintableText.Of(table), PrintableText.Of(reason));
                }
                else
                {
                    done++;
                }
            }

            _index = _log.AppliedIndex;
            _logger.Optimized(done, left, (long)(_time.GetUtcNow() - now).TotalMilliseconds);
        }

        Save(Volatile.Read(ref _last) with { LastOptimize = now });
    }

    private async ValueTask<List<string>> TablesAsync(CancellationToken token)
    {
        var sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            + "AND name NOT LIKE '\\_rqlite\\_%' ESCAPE '\\' ORDER BY name";
        var rows = await _database.ReadAsync(
            new Statement(Encoding.UTF8.GetBytes(sql), default), BatchOptions.None, ReadOptions.Default with { Consistency = ReadConsistency.None }, token)
            .ConfigureAwait(false);
        await using (rows.ConfigureAwait(false))
        {
            var tables = new List<string>();
            while (await rows.WaitToReadAsync(token).ConfigureAwait(false))
            {
                while (rows.TryRead())
                {
                    tables.Add(Encoding.UTF8.GetString(rows[0].Bytes));
                }
            }

            return tables;
        }
    }

    /// <returns>Why the table was left out; null if it was not.</returns>
    private async ValueTask<string?> AnalyzeAsync(string table, CancellationToken token)
    {
        var sql = $"ANALYZE \"{table.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        var batch = new StatementBatch([new Statement(Encoding.UTF8.GetBytes(sql), default)], BatchOptions.None);
        try
        {
            var result = await _database.ExecuteAsync(batch, WriteOptions.Default with { StatementTimeout = s_tableMax, Forward = false }, token)
                .ConfigureAwait(false);
            await using (result.ConfigureAwait(false))
            {
                var rows = await result.NextAsync(token).ConfigureAwait(false);
                await using (rows!.ConfigureAwait(false))
                {
                    while (await rows!.WaitToReadAsync(token).ConfigureAwait(false))
                    {
                    }

                    return rows.Outcome.Error?.Message;
                }
            }
        }
        catch (ClusterException error) when (error.Error is not (ClusterError.NotLeader or ClusterError.NoLeader or ClusterError.OutcomeUnknown))
        {
            return error.Message;
        }
    }

    private Content Load()
    {
        try
        {
            if (File.Exists(_path) && JsonSerializer.Deserialize<Content>(File.ReadAllBytes(_path)) is { } content)
            {
                return content;
            }
        }
        catch (JsonException)
        {
            // Only times are lost: the interval begins anew.
        }

        var fresh = new Content(_time.GetUtcNow(), null);
        Save(fresh);
        return fresh;
    }

    private void Save(Content content)
    {
        DurableFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(content));
        Volatile.Write(ref _last, content);
    }

    /// <param name="BaseOptimize">The first start, from which the first interval counts.</param>
    private sealed record Content(DateTimeOffset BaseOptimize, DateTimeOffset? LastOptimize);
}
