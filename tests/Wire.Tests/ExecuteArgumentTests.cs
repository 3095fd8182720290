using Npgsql;
using Rqlite.Pg.Dialect.Runtime;

namespace Rqlite.Pg.Wire.Tests;

/// <summary>The constants of EXECUTE are assigned to the parameters. The answers are PostgreSQL's.</summary>
public sealed class ExecuteArgumentTests : IAsyncLifetime
{
    private readonly SocketServer _server = new(storage: options => options with { Sql = Implementations.Extensions });
    private NpgsqlConnection _connection = null!;

    public async Task InitializeAsync() => _connection = await _server.ConnectAsync(";Options='-c rqlite.dialect=postgresql'");

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("int", "1.5", "2")]
    [InlineData("int", "-2.5", "-3")]
    [InlineData("int", "'7'", "7")]
    [InlineData("bool", "'t'", "t")]
    [InlineData("bool", "true", "t")]
    [InlineData("bool", "null", "")]
    [InlineData("text", "007", "7")]
    [InlineData("text", "1.50", "1.50")]
    [InlineData("text", "true", "true")]
    [InlineData("numeric", "10000000000000000000", "10000000000000000000")]
    [InlineData("float8", "1.50", "1.5")]
    public async Task A_constant_is_converted(string type, string argument, string answer)
    {
        await _connection.AskAsync($"prepare q({type}) as select $1");
        Assert.Equal(answer, await _connection.AskAsync($"execute q({argument})"));
    }

    [Theory]
    [InlineData("bool", "1", "42804", "parameter $1 of type integer cannot be coerced to the expected type boolean")]
    [InlineData("int", "true", "42804", "parameter $1 of type boolean cannot be coerced to the expected type integer")]
    [InlineData("date", "10000000000", "42804", "parameter $1 of type bigint cannot be coerced to the expected type date")]
    [InlineData("int", "10000000000.4", "22003", null)]
    public async Task A_constant_of_another_kind_is_refused(string type, string argument, string state, string? message)
    {
        await _connection.AskAsync($"prepare q({type}) as select $1");
        var error = await Assert.ThrowsAsync<PostgresException>(() => _connection.AskAsync($"execute q({argument})"));
        Assert.Equal(state, error.SqlState);
        if (message is not null)
        {
            Assert.Equal((message, 11), (error.MessageText, error.Position));
        }
    }
}
