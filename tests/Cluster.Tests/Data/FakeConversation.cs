using System.Threading.Channels;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Speaks to the other node's side of a transaction directly, and breaks when a test wants it.</summary>
internal sealed class FakeConversation(IConversationHandler handler) : INodeConversation
{
    private readonly CancellationTokenSource _gone = new();
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _disposed;
    private Response? _last;

    /// <summary>The connection breaks when this request has been sent, or has been answered.</summary>
    public (TransactionRequest Request, bool Answered)? BreakAt { get; set; }

    public bool Alive => Volatile.Read(ref _disposed) == 0 && !_gone.IsCancellationRequested && _last is null or { Ended: true };

    public bool Reusable { get; set; }

    public List<TransactionRequest> Asked { get; } = [];

    public async ValueTask<INodeResponse> AskAsync(TransactionRequest request, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        Asked.Add(request);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_gone.Token);
        var response = _last = new Response(_gone.Token);
        var copy = body.ToArray();
        var running = _running = Task.Run(() => response.RunAsync(() => handler.HandleAsync(request, copy, response, _stop.Token, _gone.Token)), CancellationToken.None);
        if (BreakAt is { } at && at.Request == request)
        {
            if (at.Answered)
            {
                await running;
            }

            await CutAsync();
        }

        return response;
    }

    public async ValueTask InterruptAsync(CancellationToken token) => await _stop.CancelAsync();

    /// <summary>The connection ends, for both sides.</summary>
    public async Task CutAsync()
    {
        await _gone.CancelAsync();
        await _running;
        await handler.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await CutAsync();
        }
    }

    private sealed class Response(CancellationToken gone) : INodeResponse, INodeAnswer
    {
        private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>();

        public bool Ended { get; private set; }

        public async Task RunAsync(Func<ValueTask> handle)
        {
            Exception? error = null;
            try
            {
                await handle();
            }
            catch (Exception e)
            {
                error = e;
            }

            _frames.Writer.Complete(error);
        }

        public void Withdraw() => throw new NotSupportedException("A conversation is interrupted.");

        public async ValueTask WriteFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken token) =>
            await _frames.Writer.WriteAsync(frame.ToArray(), token);

        public async ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken token)
        {
            if (gone.IsCancellationRequested)
            {
                throw new ClusterException(ClusterError.OutcomeUnknown, "the connection broke");
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(gone, token);
            try
            {
                if (await _frames.Reader.WaitToReadAsync(either.Token) && _frames.Reader.TryRead(out var frame))
                {
                    return frame;
                }

                Ended = true;
                return null;
            }
            catch (ClusterException e)
            {
                Ended = true;
                throw new ClusterException(e.Error, e.Message, e.Leader) { Index = e.Index };
            }
            catch (OperationCanceledException) when (gone.IsCancellationRequested)
            {
                throw new ClusterException(ClusterError.OutcomeUnknown, "the connection broke");
            }
            catch (OperationCanceledException) when (!token.IsCancellationRequested)
            {
                Ended = true;
                throw new ClusterException(ClusterError.Timeout, "interrupted");
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
