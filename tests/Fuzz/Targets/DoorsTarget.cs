using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rqlite.Pg.Http;
using Rqlite.Pg.Support;
using Rqlite.Pg.Wire;

namespace Rqlite.Pg.Fuzz.Targets;

/// <summary>
/// SQL through each door of one node: as a query string, as a prepared statement, and over HTTP as a request, a query and a plain text. Every
/// answer is fine that is the statement's own; an internal error is none.
/// </summary>
internal sealed class DoorsTarget : IFuzzTarget, IAsyncDisposable
{
    private const int StatementMilliseconds = 200;

    private readonly StandaloneDatabase _database = StandaloneDatabase.Open(
        configure: o => o with { ResultBytesMax = 1 << 20, ValueBytesMax = 1 << 20 });

    private readonly FindingLogger _logger = new();
    private readonly SessionContext _context;
    private readonly Lazy<Task<(WebApplication Server, HttpClient Client)>> _http;
    private readonly byte[] _startup;
    private int _connections;

    public DoorsTarget()
    {
        var options = new WireOptions { Dialect = "sqlite", EndPoint = new IPEndPoint(IPAddress.Loopback, 0), RequestTimeout = TimeSpan.FromSeconds(10) };
        _context = new SessionContext(_database.Database, _database.Control, options, _logger);
        _http = new(StartHttpAsync);
        byte[] body = [0, 3, 0, 0, .. Encoding.UTF8.GetBytes($"user\0fuzz\0options\0-c statement_timeout={StatementMilliseconds}\0\0")];
        _startup = [.. Length(4 + body.Length), .. body];
    }

    public string Name => "doors";

    public async ValueTask RunAsync(byte[] input)
    {
        _logger.Finding = null;
        byte[] text = [.. input.Where(b => b != 0), 0];
        await TalkAsync([.. Frame('Q', text), .. Frame('X', [])]);
        await TalkAsync([
            .. Frame('P', [0, .. text, 0, 0]), .. Frame('D', [(byte)'S', 0]), .. Frame('B', [0, 0, 0, 0, 0, 0, 0, 0]), .. Frame('D', [(byte)'P', 0]),
            .. Frame('E', [0, 0, 0, 0, 2]), .. Frame('E', [0, 0, 0, 0, 0]), .. Frame('S', []), .. Frame('X', [])]);
        var sql = Encoding.UTF8.GetString(input);
        var json = JsonSerializer.Serialize(new[] { sql });
        await PostAsync("/db/request?transaction", json, "application/json");
        await PostAsync("/db/query?level=none&associative", json, "application/json");
        await PostAsync("/db/execute", sql, "text/plain");
        if (_logger.Finding is { } finding)
        {
            throw new InvalidOperationException(finding);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_http.IsValueCreated)
        {
            var (server, client) = await _http.Value;
            client.Dispose();
            await server.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    private async Task TalkAsync(byte[] messages)
    {
        var answers = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var connection = new PgConnection(
            PipeReader.Create(new MemoryStream([.. _startup, .. messages])), answers.Writer, _context, Interlocked.Increment(ref _connections));
        await connection.RunAsync(refusal: null);
        var read = await answers.Reader.ReadAsync();
        RefuseInternalErrors(read.Buffer.ToArray());
        await answers.Reader.CompleteAsync();
    }

    private async Task PostAsync(string target, string body, string type)
    {
        var (_, client) = await _http.Value;
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var response = await client.PostAsync(new Uri($"{target}{(target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}db_timeout={StatementMilliseconds}ms", UriKind.Relative), content);
        var answer = await response.Content.ReadAsStringAsync();
        var unsupported = answer.StartsWith("json: unsupported value", StringComparison.Ordinal);
        if ((int)response.StatusCode >= 500 && !unsupported)
        {
            throw new InvalidOperationException($"{target}: {(int)response.StatusCode} {answer}");
        }
    }

    private async Task<(WebApplication Server, HttpClient Client)> StartHttpAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        using var loggers = new OneLogger(_logger);
        var api = new RqliteApi(_database.Database, _database.Control, new HttpOptions(), loggers);
        application.Run(api.HandleAsync);
        await application.StartAsync();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return (application, new HttpClient { BaseAddress = new Uri(addresses.Addresses.First()) });
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static byte[] Frame(char code, byte[] body) => [(byte)code, .. Length(4 + body.Length), .. body];

    private static void RefuseInternalErrors(ReadOnlySpan<byte> answer)
    {
        while (answer.Length >= 5)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(answer[1..]);
            if (answer[0] == 'E' && answer[5..(1 + length)].IndexOf("\0CXX000\0"u8) >= 0)
            {
                throw new InvalidOperationException($"an internal error: {Encoding.UTF8.GetString(answer[5..(1 + length)]).Replace('\0', ' ')}");
            }

            answer = answer[(1 + length)..];
        }
    }

    private sealed class OneLogger(ILogger logger) : ILoggerFactory
    {
        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
            // The logger is the target's.
        }
    }
}
