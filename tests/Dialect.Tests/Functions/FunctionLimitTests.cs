using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>Functions refuse results beyond 64 MB before they take the memory.</summary>
public sealed class FunctionLimitTests
{
    private const string TooLarge = "!54000|requested length too large||";

    [Theory]
    [InlineData("repeat(text,integer)", "1234567890", "10000000")]
    [InlineData("lpad(text,integer)", "x", "70000000")]
    [InlineData("rpad(text,integer,text)", "x", "60000000", "éé")]
    [InlineData("bit(integer,integer)", "1", "80000000")]
    public async Task Results_beyond_64_MB_are_54000(string signature, params string[] arguments)
    {
        await using var runner = new FunctionRunner();
        Assert.Equal(TooLarge, await runner.AnswerAsync(Call(signature, arguments)));
    }

    [Fact]
    public async Task Results_up_to_64_MB_are_made()
    {
        await using var runner = new FunctionRunner();
        var row = Call("repeat(text,integer)", "1234567890", "6000000");
        Assert.Equal("=60000000", await runner.RunAsync(row, "SELECT length(pg_repeat_1622(?1, ?2))"));
    }

    private static FunctionRow Call(string signature, params string[] arguments)
    {
        var function = Builtins.FindFunction(signature)!;
        return new FunctionRow(signature, [.. function.Arguments], [PgTypes.Text], "", "", arguments, signature);
    }
}
