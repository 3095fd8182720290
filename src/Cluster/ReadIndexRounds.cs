using System.Threading.Channels;

namespace Rqlite.Pg.Cluster;

/// <summary>Lets concurrent callers share a quorum round; a caller is only ever answered by a round that began after its call.</summary>
internal sealed class ReadIndexRounds(Func<CancellationToken, ValueTask<long>> confirm)
{
    private readonly Channel<bool> _wanted = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private TaskCompletionSource<long> _next = NewRound();

    public async ValueTask<long> JoinAsync(CancellationToken token)
    {
        var round = Volatile.Read(ref _next);
        if (!_wanted.Writer.TryWrite(true))
        {
            throw new ClusterException(ClusterError.NotReady, "The node stops.");
        }

        return await round.Task.WaitAsync(token).ConfigureAwait(false);
    }

    public async Task RunAsync(CancellationToken token)
    {
        try
        {
            while (await _wanted.Reader.WaitToReadAsync(token).ConfigureAwait(false))
            {
                _wanted.Reader.TryRead(out _);
                await RunRoundAsync(Interlocked.Exchange(ref _next, NewRound()), token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The node is stopping.
        }
        finally
        {
            _wanted.Writer.TryComplete();
            Volatile.Read(ref _next).TrySetException(new ClusterException(ClusterError.NotReady, "The node stops."));
        }
    }

    private async ValueTask RunRoundAsync(TaskCompletionSource<long> round, CancellationToken token)
    {
        try
        {
            round.TrySetResult(await confirm(token).ConfigureAwait(false));
        }
        catch (Exception error)
        {
            // The callers get the error; the next round may succeed.
            round.TrySetException(error as ClusterException
                ?? new ClusterException(ClusterError.NotReady, "The leader could not be confirmed.", null, error));
            _ = round.Task.Exception;
            token.ThrowIfCancellationRequested();
        }
    }

    private static TaskCompletionSource<long> NewRound() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
