using System.Text;

namespace Rqlite.Pg.Access.Tests;

public sealed class ScramTests
{
    // The example of RFC 7677, section 3.
    private const string ClientNonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private const string ServerFirst = $"r={ClientNonce}{ServerNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    private static readonly ScramVerifier s_pencil = ScramVerifier.Create("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);

    [Fact]
    public void The_example_of_the_standard_is_answered_byte_for_byte()
    {
        var exchange = Exchange(exists: true);
        Assert.Equal(ServerFirst, First(exchange, $"n,,n=user,r={ClientNonce}"));
        Assert.Equal(
            "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
            Final(exchange, $"c=biws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
    }

    [Fact]
    public void A_user_that_does_not_exist_fails_with_a_right_looking_proof()
    {
        var exchange = Exchange(exists: false);
        Assert.Equal(ServerFirst, First(exchange, $"n,,n=user,r={ClientNonce}"));
        Assert.Null(Final(exchange, $"c=biws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
    }

    [Theory]
    [InlineData("c=biws", "p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")]
    [InlineData("c=biws", "p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void A_wrong_proof_fails(string channel, string proof)
    {
        var exchange = Exchange(exists: true);
        First(exchange, $"n,,n=user,r={ClientNonce}");
        Assert.Null(Final(exchange, $"{channel},r={ClientNonce}{ServerNonce},{proof}"));
    }

    [Theory]
    [InlineData("", "The message is empty.")]
    [InlineData("n,,n=user", "Attribute expected, but found end of string.")]
    [InlineData("n,,r=abc", "Expected attribute \"n\" but found \"r\".")]
    [InlineData("n,,n", "Expected character \"=\" for attribute \"n\".")]
    [InlineData("nn,n=user,r=abc", "Comma expected, but found character \"n\".")]
    [InlineData("x,,n=user,r=abc", "Unexpected channel-binding flag \"x\".")]
    [InlineData("p=tls-server-end-point,,n=user,r=abc", "The client selected SCRAM-SHA-256 without channel binding, but the SCRAM message includes channel binding data.")]
    public void A_first_message_that_is_none_is_told_what_is_wrong(string message, string detail)
    {
        var fault = Assert.Throws<ScramException>(() => First(Exchange(exists: true), message));
        Assert.Equal((ScramFault.Malformed, "malformed SCRAM message", detail), (fault.Fault, fault.Message, fault.Detail));
    }

    [Theory]
    [InlineData("n,a=other,n=user,r=abc", "client uses authorization identity, but it is not supported")]
    [InlineData("n,,m=x,n=user,r=abc", "client requires an unsupported SCRAM extension")]
    public void What_is_not_supported_is_refused_by_name(string message, string text)
    {
        var fault = Assert.Throws<ScramException>(() => First(Exchange(exists: true), message));
        Assert.Equal((ScramFault.NotSupported, text), (fault.Fault, fault.Message));
    }

    [Theory]
    [InlineData("c=biws,r=wrong,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "invalid SCRAM response")]
    [InlineData($"c=biws,r={ClientNonce}{ServerNonce}", "malformed SCRAM message")]
    [InlineData($"c=biws,r={ClientNonce}{ServerNonce},p=AAAA", "malformed SCRAM message")]
    [InlineData($"c=eSws,r={ClientNonce}{ServerNonce},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "unexpected SCRAM channel-binding attribute in client-final-message")]
    public void A_last_message_that_does_not_fit_is_refused(string message, string text)
    {
        var exchange = Exchange(exists: true);
        First(exchange, $"n,,n=user,r={ClientNonce}");
        Assert.Equal(text, Assert.Throws<ScramException>(() => Final(exchange, message)).Message);
    }

    [Fact]
    public void A_client_that_believes_the_server_has_no_channel_binding_is_refused_where_it_has()
    {
        var exchange = new ScramExchange(new LoginUser("user", s_pencil, true), [1, 2, 3]);
        var fault = Assert.Throws<ScramException>(() => exchange.First(ScramExchange.Plain, "y,,n=user,r=abc"u8));
        Assert.Equal((ScramFault.Channel, "SCRAM channel binding negotiation error"), (fault.Fault, fault.Message));
    }

    [Fact]
    public void The_channel_s_data_are_compared()
    {
        byte[] endPoint = [1, 2, 3];
        var exchange = new ScramExchange(new LoginUser("user", s_pencil, true), endPoint) { ServerNonce = ServerNonce };
        Assert.Equal([ScramExchange.Plus, ScramExchange.Plain], exchange.Mechanisms);
        exchange.First(ScramExchange.Plus, Encoding.ASCII.GetBytes($"p=tls-server-end-point,,n=user,r={ClientNonce}"));
        var wrong = Convert.ToBase64String([.. "p=tls-server-end-point,,"u8, 1, 2, 4]);
        var fault = Assert.Throws<ScramException>(() => Final(exchange, $"c={wrong},r={ClientNonce}{ServerNonce},p=AAAA"));
        Assert.Equal("SCRAM channel binding check failed", fault.Message);
    }

    [Fact]
    public void A_verifier_is_read_as_it_is_printed()
    {
        var text = s_pencil.ToString();
        Assert.StartsWith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$", text, StringComparison.Ordinal);
        Assert.True(ScramVerifier.TryParse(text, out var again));
        Assert.Equal(text, again.ToString());
        Assert.True(again.Matches("pencil"));
        Assert.False(again.Matches("pencils"));
        Assert.False(again.Matches(text));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AAAA:AAAA")]
    [InlineData("SCRAM-SHA-256$1:W22ZaJ0SNY7soEsUEjb6gQ==$6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=:6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("SCRAM-SHA-256$9999999:W22ZaJ0SNY7soEsUEjb6gQ==$6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=:6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    [InlineData("SCRAM-SHA-256$4096$W22ZaJ0SNY7soEsUEjb6gQ==:6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=:6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")]
    public void What_only_looks_like_a_verifier_is_none(string text) => Assert.False(ScramVerifier.TryParse(text, out _));

    [Theory]
    [InlineData("\u2168")]
    [InlineData("e\u0301")]
    [InlineData("a\u00a0b")]
    [InlineData("tab\t")]
    public void A_password_that_clients_send_in_another_form_gets_no_verifier(string password) =>
        Assert.Throws<FormatException>(() => ScramVerifier.Create(password));

    private static ScramExchange Exchange(bool exists) => new(new LoginUser("user", s_pencil, exists), null) { ServerNonce = ServerNonce };

    private static string First(ScramExchange exchange, string message) =>
        Encoding.ASCII.GetString(exchange.First(ScramExchange.Plain, Encoding.ASCII.GetBytes(message)));

    private static string? Final(ScramExchange exchange, string message) =>
        exchange.Final(Encoding.ASCII.GetBytes(message)) is { } answer ? Encoding.ASCII.GetString(answer) : null;
}
