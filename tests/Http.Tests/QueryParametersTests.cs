using System.Text;
using Rqlite.Pg.Cluster;

namespace Rqlite.Pg.Http.Tests;

public sealed class QueryParametersTests
{
    [Fact]
    public void Defaults_are_those_of_rqlite()
    {
        var parameters = QueryParameters.Parse("");
        Assert.False(parameters.Pretty || parameters.Timings || parameters.Transaction || parameters.Redirect);
        Assert.Equal(TimeSpan.FromSeconds(30), parameters.Timeout);
        Assert.Equal(ReadConsistency.Weak, parameters.Read.Consistency);
        Assert.True(parameters.Read.Forward && parameters.Write.Forward);
        Assert.Null(parameters.Read.StatementTimeout);
        Assert.Null(parameters.Sql);
    }

    [Fact]
    public void A_flag_is_on_by_being_there()
    {
        var parameters = QueryParameters.Parse("?pretty=false&timings&redirect=&%74ransaction=0");
        Assert.True(parameters.Pretty && parameters.Timings && parameters.Redirect && parameters.Transaction);
        Assert.False(parameters.Read.Forward || parameters.Write.Forward);
    }

    [Theory]
    [InlineData("?level=STRONG", ReadConsistency.Strong)]
    [InlineData("?level=None", ReadConsistency.None)]
    [InlineData("?level=linearizable", ReadConsistency.Linearizable)]
    [InlineData("?level=auto&level=none", ReadConsistency.Auto)]
    [InlineData("?level=nosuch", ReadConsistency.Weak)]
    [InlineData("?LEVEL=none", ReadConsistency.Weak)]
    public void Levels_are_read_without_case_and_unknown_ones_are_weak(string query, object level) =>
        Assert.Equal((ReadConsistency)level, QueryParameters.Parse(query).Read.Consistency);

    [Fact]
    public void Values_reach_the_options_of_reads_and_writes()
    {
        var parameters = QueryParameters.Parse(
            "?timeout=5s&freshness=1h&freshness_strict&db_timeout=250ms&min_index=42&retries=3&q=SELECT+1%3B%20%c3%bc%ff&key=a.b&ver=2");
        Assert.Equal(TimeSpan.FromSeconds(5), parameters.Write.Timeout);
        Assert.Equal(TimeSpan.FromSeconds(5), parameters.Read.Timeout);
        Assert.Equal(TimeSpan.FromHours(1), parameters.Read.Freshness);
        Assert.True(parameters.Read.FreshnessStrict);
        Assert.Equal(TimeSpan.FromMilliseconds(250), parameters.Read.StatementTimeout);
        Assert.Equal(42, parameters.Read.MinIndex);
        Assert.Equal([.. Encoding.UTF8.GetBytes("SELECT 1; ü"), 0xFF], parameters.Sql);
        Assert.Equal(("a.b", "2"), (parameters.Key, parameters.NodesVersion));
    }

    [Theory]
    [InlineData("?level=linearizable", 10)]
    [InlineData("?level=linearizable&timeout=3s", 3)]
    [InlineData("?level=linearizable&linearizable_timeout=20s", 20)]
    [InlineData("?level=weak&linearizable_timeout=2s", 30)]
    [InlineData("?timeout=-5s", 0)]
    [InlineData("?timeout=99999h", 86400)]
    public void Waits_are_bounded(string query, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), QueryParameters.Parse(query).Read.Timeout);

    [Fact]
    public void Zero_means_no_limit_for_freshness_and_statements()
    {
        var parameters = QueryParameters.Parse("?freshness=0&db_timeout=0s");
        Assert.Null(parameters.Read.Freshness);
        Assert.Null(parameters.Read.StatementTimeout);
    }

    [Theory]
    [InlineData("?timeout=5", "timeout is not a valid duration")]
    [InlineData("?timeout", "timeout is not a valid duration")]
    [InlineData("?freshness=x", "freshness is not a valid duration")]
    [InlineData("?db_timeout=1", "db_timeout is not a valid duration")]
    [InlineData("?linearizable_timeout=1x", "linearizable_timeout is not a valid duration")]
    [InlineData("?retries=x", "retries is not a valid integer")]
    [InlineData("?trailing_logs=1.5", "trailing_logs is not a valid integer")]
    [InlineData("?min_index=-1", "min_index is not a valid integer")]
    [InlineData("?min_index=", "min_index is not a valid integer")]
    [InlineData("?q=", "query parameter not set")]
    [InlineData("?q", "query parameter not set")]
    [InlineData("?freshness_strict", "freshness_strict requires freshness")]
    [InlineData("?a=1;b=2", "invalid semicolon separator in query")]
    [InlineData("?a=%zz", "invalid URL escape \"%zz\"")]
    [InlineData("?%4", "invalid URL escape \"%4\"")]
    public void Bad_values_are_refused_in_the_words_of_rqlite(string query, string message)
    {
        var exception = Assert.Throws<RequestException>(() => QueryParameters.Parse(query));
        Assert.Equal((400, message), (exception.StatusCode, exception.Message));
    }
}
