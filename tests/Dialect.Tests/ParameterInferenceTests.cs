using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests;

/// <summary>What stands beside a parameter that nobody has declared decides how it is compared.</summary>
public class ParameterInferenceTests
{
    [Theory]
    [InlineData("select * from t where n = $1", 0)]
    [InlineData("select * from t where t.n >= $1", 0)]
    [InlineData("select * from t where (n) = $1", 0)]
    [InlineData("select * from t where \"n\" <> $1", 0)]
    [InlineData("update t set n = $1", 0)]
    [InlineData("insert into t values ($1)", 0)]
    [InlineData("select $1", 0)]
    [InlineData("select * from t where v like $1", 0)]
    [InlineData("select * from t where v || 'x' = $1", 0)]
    [InlineData("select * from t where lower(v) = $1", 0)]
    [InlineData("select * from t where v in ($1)", 0)]
    [InlineData("select * from t where 'a' = $1", 0)]
    [InlineData("select * from t where a -> $1 = 'x'", 0)]
    [InlineData("select * from t where a ->> 'b' = $1", 0)]
    [InlineData("select * from t where n + 0 >= $1", PgTypes.Numeric)]
    [InlineData("select * from t where $1 <= n + 0", PgTypes.Numeric)]
    [InlineData("select * from t where not n * 2 = ($1)", PgTypes.Numeric)]
    [InlineData("select * from t where a and -n < $1 or b", PgTypes.Numeric)]
    [InlineData("select * from t where length(v) > $1", PgTypes.Numeric)]
    [InlineData("select n from t group by n having count(*) > $1", PgTypes.Numeric)]
    [InlineData("select n from t group by n having sum(n) > $1", PgTypes.Numeric)]
    [InlineData("select * from t where 1 = $1", PgTypes.Numeric)]
    [InlineData("select * from t where 1.5 < $1", PgTypes.Numeric)]
    [InlineData("select * from t where n > $1 + 1", PgTypes.Numeric)]
    [InlineData("select * from t where n + 1 in (1, $1, 3)", PgTypes.Numeric)]
    [InlineData("select * from t where n + 1 not in ($1)", PgTypes.Numeric)]
    [InlineData("select * from t where n + 1 between $1 and 5", PgTypes.Numeric)]
    [InlineData("select * from t where n + 1 not between 1 and $1 and v = 'x'", PgTypes.Numeric)]
    [InlineData("select * from t where n between 1 and $1 and v = 'x'", 0)]
    [InlineData("select * from t where (a < b) = $1", PgTypes.Bool)]
    [InlineData("select * from t limit $1", PgTypes.Int8)]
    [InlineData("select * from t limit 5 offset $1", PgTypes.Int8)]
    public void The_neighbour_tells_the_type(string sql, uint oid)
    {
        var types = Assert.Single(SqlParser.Parse(sql)).InferParameters(_ => true);
        Assert.Equal(oid, Assert.Single(types)?.Oid ?? 0);
    }

    [Theory]
    [InlineData("select * from t where max(n, 1) >= $1", 36)]
    [InlineData("select * from t where coalesce(n, 0) = $1", 40)]
    [InlineData("select * from t where case when a then b end = $1", 48)]
    [InlineData("select * from t where (select n from u) = $1", 43)]
    [InlineData("select * from t where f(n) in ('a', $1)", 37)]
    public void What_may_be_a_number_or_not_is_refused(string sql, int position)
    {
        var statement = Assert.Single(SqlParser.Parse(sql));
        var exception = Assert.Throws<DialectException>(() => statement.InferParameters(_ => true));
        Assert.Equal(("42P18", position), (exception.SqlState, exception.Position));
        Assert.Contains("$1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_declared_parameter_is_left_alone()
    {
        var statement = Assert.Single(SqlParser.Parse("select * from t where coalesce(n, 0) = $1 and n + 0 = $2"));
        Assert.Null(statement.InferParameters(_ => false)[1]);
    }

    [Fact]
    public void Long_lists_take_linear_time()
    {
        var list = string.Join(", ", Enumerable.Range(1, 60_000).Select(n => $"1, ${n}"));
        var types = Assert.Single(SqlParser.Parse($"select * from t where n + 0 in ({list})")).InferParameters(_ => true);
        Assert.All(types, type => Assert.Equal(PgTypes.Numeric, type?.Oid));
    }
}
