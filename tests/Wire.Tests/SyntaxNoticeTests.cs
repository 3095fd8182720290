using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>What PostgreSQL says of names that are too long.</summary>
public sealed class SyntaxNoticeTests : IAsyncLifetime
{
    private static readonly string s_long = new('a', 70);
    private static readonly string s_cut = new('a', 63);

    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private readonly List<string> _notices = [];
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync()
    {
        _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");
        _connection.Notice += (_, e) => _notices.Add($"{e.Notice.Severity} {e.Notice.SqlState} {e.Notice.MessageText}");
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_name_that_is_cut_has_a_notice()
    {
        await _connection.AskAsync($"create table \"{s_long}\" (a int)");
        await _connection.AskAsync($"select a as {s_long} from {s_cut}");
        await _connection.AskAsync($"select a as {s_cut} from {s_cut}");
        var notice = $"NOTICE 42622 identifier \"{s_long}\" will be truncated to \"{s_cut}\"";
        Assert.Equal([notice, notice], _notices);
    }
}
