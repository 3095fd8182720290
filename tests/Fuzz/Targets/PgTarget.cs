using System.IO.Pipelines;
using System.Net;
using Rqlite.Pg.Support;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>
/// A whole session of the PostgreSQL protocol over a real database, in memory. An input that does not begin with a startup packet gets one,
/// so that most mutations reach the session behind it.
/// </summary>
internal sealed class PgTarget : IFuzzTarget, IAsyncDisposable
{
    private static readonly byte[] Startup = [0, 0, 0, 22, 0, 3, 0, 0, .. "user\0fuzz\0db\0\0"u8];

    // Statements of the corpus write; small limits keep what mutated ones can do small too.
    private readonly StandaloneDatabase _database = StandaloneDatabase.Open(
        configure: o => o with { ResultBytesMax = 1 << 20, ValueBytesMax = 1 << 20 });

    private readonly FindingLogger _logger = new();
    private readonly SessionContext _context;
    private int _connections;

    public PgTarget()
    {
        var options = new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0), RequestTimeout = TimeSpan.FromSeconds(5) };
        _context = new SessionContext(_database.Database, _database.Control, options, _logger);
    }

    public string Name => "pg";

    public async ValueTask RunAsync(byte[] input)
    {
        _logger.Finding = null;
        byte[] stream = input.Length > 0 && input[0] == 0 ? input : [.. Startup, .. input];
        var answers = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var connection = new PgConnection(
            PipeReader.Create(new MemoryStream(stream)), answers.Writer, _context, Interlocked.Increment(ref _connections));
        await connection.RunAsync();
        var read = await answers.Reader.ReadAsync();
        CheckFrames(read.Buffer.IsSingleSegment ? read.Buffer.FirstSpan : System.Buffers.BuffersExtensions.ToArray(read.Buffer));
        await answers.Reader.CompleteAsync();
        if (_logger.Finding is { } finding)
        {
            throw new InvalidOperationException(finding);
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>Whatever was sent, the answer is whole frames of known kinds.</summary>
    private static void CheckFrames(ReadOnlySpan<byte> answer)
    {
        while (!answer.IsEmpty)
        {
            if (answer[0] is (byte)'N' && (answer.Length == 1 || answer[1] != 0))
            {
                // The answer to a request for TLS is a single byte.
                answer = answer[1..];
                continue;
            }

            var length = answer.Length < 5 ? -1 : System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(answer[1..]);
            if (length < 4 || length > answer.Length - 1 || "RSKZTDCEINA123tnsvGHVWdc".IndexOf((char)answer[0], StringComparison.Ordinal) < 0)
            {
                throw new InvalidOperationException($"a malformed answer: {Convert.ToHexString(answer[..Math.Min(200, answer.Length)])}");
            }

            answer = answer[(1 + length)..];
        }
    }
}
