using System.Threading.Channels;

namespace Rqlite.Pg.Cluster.Tests.Data;

/// <summary>Calls the other node directly; loses requests and answers as a test wants.</summary>
internal sealed class FakePeers(FakeCluster cluster) : INodeRequests
{
    /// <summary>Requests that are refused before they are sent.</summary>
    public int Unsent { get; set; }

    /// <summary>Requests whose answer is lost as a whole, after the other node has run them.</summary>
    public int AnswersLost { get; set; }

    /// <summary>Loses the connection after this many frames of an answer.</summary>
    public int? FramesMax { get; set; }

    /// <summary>The next request of this kind is run, and its answer is lost.</summary>
    public NodeRequestKind? LoseAnswerOf { get; set; }

    public int Sent { get; private set; }

    public int FrameBytesMax { get; private set; }

    public async ValueTask<INodeResponse> SendAsync(
        string raftAddress, NodeRequestKind kind, ReadOnlyMemory<byte> body, CancellationToken token)
    {
        if (Unsent > 0)
        {
            Unsent--;
            throw new ClusterException(ClusterError.Unreachable, $"node {raftAddress} cannot be reached");
        }

        Sent++;
        var response = new Response(this, cluster.ByAddress(raftAddress).Database, kind, body.ToArray(), FramesMax);
        if (AnswersLost > 0 || LoseAnswerOf == kind)
        {
            AnswersLost -= LoseAnswerOf == kind ? 0 : 1;
            LoseAnswerOf = null;
            await response.RanAsync();
            response.Lose();
        }

        return response;
    }

    /// <summary>The last conversation that was begun; a test may cut it.</summary>
    public FakeConversation? Conversation { get; private set; }

    /// <summary>Where the next conversation breaks.</summary>
    public (TransactionRequest Request, bool Answered)? BreakNext { get; set; }

    public ValueTask<INodeConversation> ConverseAsync(string raftAddress, CancellationToken token)
    {
        if (Unsent > 0)
        {
            Unsent--;
            throw new ClusterException(ClusterError.Unreachable, $"node {raftAddress} cannot be reached");
        }

        Conversation = new FakeConversation(cluster.ByAddress(raftAddress).Database.Converse()) { BreakAt = BreakNext };
        BreakNext = null;
        return new(Conversation);
    }

    private sealed class Response : INodeResponse, INodeAnswer
    {
        private readonly Channel<byte[]> _frames = Channel.CreateBounded<byte[]>(2);
        private readonly CancellationTokenSource _gone = new();
        private readonly FakePeers _owner;
        private readonly Task _run;
        private int? _framesLeft;
        private bool _lost;

        public Response(FakePeers owner, ClusterDatabase other, NodeRequestKind kind, byte[] body, int? framesMax)
        {
            _owner = owner;
            _framesLeft = framesMax;
            _run = Task.Run(() => RunAsync(other, kind, body));
        }

        public async Task RanAsync()
        {
            // Frames that nobody reads must not hold up the other node here.
            while (await _frames.Reader.WaitToReadAsync().AsTask().ContinueWith(wait => wait.IsCompletedSuccessfully && wait.Result))
            {
                _frames.Reader.TryRead(out _);
            }

            await _run;
        }

        public void Lose() => _lost = true;

        public async ValueTask WriteFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken token)
        {
            _owner.FrameBytesMax = Math.Max(_owner.FrameBytesMax, frame.Length);
            await _frames.Writer.WriteAsync(frame.ToArray(), token);
        }

        public async ValueTask<ReadOnlyMemory<byte>?> ReadFrameAsync(CancellationToken token)
        {
            if (_lost || _framesLeft-- == 0)
            {
                throw new ClusterException(ClusterError.OutcomeUnknown, "the connection broke");
            }

            try
            {
                return await _frames.Reader.WaitToReadAsync(token) && _frames.Reader.TryRead(out var frame) ? (ReadOnlyMemory<byte>?)frame : null;
            }
            catch (ClusterException e)
            {
                throw new ClusterException(e.Error, e.Message, e.Leader) { Index = e.Index };
            }
        }

        public void Withdraw() => _gone.Cancel();

        public async ValueTask DisposeAsync()
        {
            await _gone.CancelAsync();
            await _run;
            _gone.Dispose();
        }

        private async Task RunAsync(ClusterDatabase other, NodeRequestKind kind, byte[] body)
        {
            Exception? error = null;
            try
            {
                await other.HandleAsync(kind, body, this, _gone.Token);
            }
            catch (OperationCanceledException e) when (_gone.IsCancellationRequested)
            {
                error = new ClusterException(ClusterError.Withdrawn, "the request was withdrawn", null, e);
            }
            catch (Exception e)
            {
                error = e;
            }

            _frames.Writer.Complete(error);
        }
    }
}
