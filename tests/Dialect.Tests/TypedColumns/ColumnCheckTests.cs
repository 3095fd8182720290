using Rqlite.Pg.Dialect.Tests.Catalog;

namespace Rqlite.Pg.Dialect.Tests.TypedColumns;

/// <summary>What statements in SQLite's dialect may store in columns that were made in PostgreSQL's.</summary>
public sealed class ColumnCheckTests : IAsyncLifetime
{
    private readonly CatalogDatabase _database = new();

    public async Task InitializeAsync()
    {
        Assert.Equal("", await _database.RunAsync("create type mood as enum ('sad', 'it''s ok')"));
        Assert.Equal("", await _database.RunAsync("create domain positive as int not null check (value > 0)"));
        Assert.Equal("", await _database.RunAsync("create domain small as positive check (value < 10)"));
        Assert.Equal("", await _database.RunAsync("create domain code as varchar(4) check (value ~ '^[a-z]+$')"));
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("smallint", "-32768")]
    [InlineData("int", "'12'")]
    [InlineData("int", "12.0")]
    [InlineData("bigint", "9223372036854775807")]
    [InlineData("boolean", "true")]
    [InlineData("boolean", "'0'")]
    [InlineData("numeric", "1.5")]
    [InlineData("numeric", "'NaN'")]
    [InlineData("numeric", "'12345678901234567890.12'")]
    [InlineData("numeric(5,2)", "'123.40'")]
    [InlineData("numeric(5,2)", "-123.45")]
    [InlineData("real", "0.1")]
    [InlineData("real", "3")]
    [InlineData("real", "-0.0")]
    [InlineData("double precision", "1e300")]
    [InlineData("double precision", "5")]
    [InlineData("double precision", "9e999")]
    [InlineData("double precision", "'NaN'")]
    [InlineData("text", "5")]
    [InlineData("varchar(3)", "'äöü'")]
    [InlineData("char(3)", "'ab'")]
    [InlineData("date", "'2024-02-29'")]
    [InlineData("date", "'infinity'")]
    [InlineData("date", "date('now')")]
    [InlineData("time", "'10:11:12.5'")]
    [InlineData("timestamp", "CURRENT_TIMESTAMP")]
    [InlineData("timestamptz", "'2024-01-02 03:04:05.123456'")]
    [InlineData("interval", "'1 year 2 mons -3 days +04:05:06.7'")]
    [InlineData("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'")]
    [InlineData("bytea", "x'00ff'")]
    [InlineData("json", "' {\"b\":1,  \"a\":2}'")]
    [InlineData("jsonb", "'{\"a\": [1, 1.50], \"bb\": null}'")]
    [InlineData("int[]", "'[[1,null],[2,3]]'")]
    [InlineData("text[]", "'[\"a\",\"NULL\",null]'")]
    [InlineData("numeric(4,1)[]", "'[\"1.0\"]'")]
    [InlineData("inet", "'10.0.0.1/8'")]
    [InlineData("bit(3)", "'101'")]
    [InlineData("int4range", "'[1,5)'")]
    [InlineData("mood", "'it''s ok'")]
    [InlineData("mood[]", "'[\"sad\",null]'")]
    [InlineData("positive", "1")]
    [InlineData("small", "9")]
    [InlineData("code", "'abcd'")]
    [InlineData("int", "NULL")]
    [InlineData("smallint", "32768", "22003")]
    [InlineData("int", "-2147483649", "22003")]
    [InlineData("int", "1.5", "22P02")]
    [InlineData("int", "'x'", "22P02")]
    [InlineData("int", "''", "22P02")]
    [InlineData("bigint", "9223372036854775808", "22003")]
    [InlineData("bigint", "x'31'", "22P02")]
    [InlineData("boolean", "2", "22P02")]
    [InlineData("boolean", "'true'", "22P02")]
    [InlineData("boolean", "0.5", "22P02")]
    [InlineData("numeric", "12345678901234567890.12", "22P02")]
    [InlineData("numeric", "'01.5'", "22P02")]
    [InlineData("numeric", "'1e2'", "22P02")]
    [InlineData("numeric", "x'31'", "22P02")]
    [InlineData("numeric(5,2)", "1.5", "22P02")]
    [InlineData("numeric(5,2)", "'1.555'", "22P02")]
    [InlineData("numeric(5,2)", "'1234.00'", "22003")]
    [InlineData("real", "1.23456789", "22P02")]
    [InlineData("real", "1e39", "22003")]
    [InlineData("real", "'x'", "22P02")]
    [InlineData("double precision", "'1.5x'", "22P02")]
    [InlineData("double precision", "'nan'", "22P02")]
    [InlineData("text", "x'61'", "22P02")]
    [InlineData("text", "char(97, 0, 98)", "22021")]
    [InlineData("text", "CAST(x'ff' AS TEXT)", "22021")]
    [InlineData("varchar(3)", "'abcd'", "22001")]
    [InlineData("varchar(3)", "'abc '", "22P02")]
    [InlineData("char(3)", "'ab '", "22P02")]
    [InlineData("char(3)", "'abcd'", "22001")]
    [InlineData("date", "'2024-2-9'", "22P02")]
    [InlineData("date", "'2023-02-29'", "22008")]
    [InlineData("date", "'today'", "22007")]
    [InlineData("date", "1700000000", "22008")]
    [InlineData("time", "'25:00:00'", "22008")]
    [InlineData("timestamp", "'2024-01-02T03:04:05Z'", "22P02")]
    [InlineData("timestamp(0)", "'2024-01-02 03:04:05.5'", "22P02")]
    [InlineData("timestamptz", "'2024-01-02 03:04:05+01'", "22P02")]
    [InlineData("interval", "'36 hours 1 day'", "22P02")]
    [InlineData("uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "22P02")]
    [InlineData("uuid", "'x'", "22P02")]
    [InlineData("bytea", "'a'", "22P02")]
    [InlineData("json", "'{'", "22P02")]
    [InlineData("jsonb", "'{\"a\":1}'", "22P02")]
    [InlineData("int[]", "'[1,null,[2]]'", "22P02")]
    [InlineData("int[]", "'{1,2}'", "22P02")]
    [InlineData("int[]", "'[1, 2]'", "22P02")]
    [InlineData("int[]", "'[3000000000]'", "22003")]
    [InlineData("text[]", "'[1]'", "22P02")]
    [InlineData("inet", "'10.0.0.1/99'", "22P02")]
    [InlineData("bit(3)", "'10'", "22026")]
    [InlineData("int4range", "'[1,4]'", "22P02")]
    [InlineData("mood", "'glad'", "22P02")]
    [InlineData("mood[]", "'[\"sad\",\"glad\"]'", "22P02")]
    [InlineData("positive", "0", "23514")]
    [InlineData("positive", "NULL", "23502")]
    [InlineData("positive", "'x'", "22P02")]
    [InlineData("small", "10", "23514")]
    [InlineData("small", "-1", "23514")]
    [InlineData("code", "'ABC'", "23514")]
    [InlineData("code", "'abcde'", "22001")]
    public async Task A_value_is_stored_in_its_type_s_form_or_refused(string type, string value, string error = "")
    {
        Assert.Equal("", await _database.RunAsync($"create table t (id int primary key, c {type})"));
        var answer = await _database.WriteAsync($"INSERT INTO t VALUES (1, {value})");
        if (error.Length == 0)
        {
            Assert.Equal("", answer);

            // What the type's own cast makes of the value is the value.
            Assert.Equal("", await _database.RunAsync($"create table u (id int primary key, c {type})"));
            Assert.Equal("", await _database.RunAsync("insert into u select id, c::text::" + type + " from t"));
            Assert.Equal(await _database.QueryAsync("SELECT typeof(c), c FROM u"), await _database.QueryAsync("SELECT typeof(c), c FROM t"));
            return;
        }

        Assert.StartsWith(error + ": ", answer, StringComparison.Ordinal);
        Assert.Contains("column \"c\" of table \"t\"", answer, StringComparison.Ordinal);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task The_error_names_column_table_type_value_and_form()
    {
        await _database.RunAsync("create schema s");
        await _database.RunAsync("create table s.t (id int primary key, n numeric(5,2), m mood, p positive)");
        Assert.Equal(
            """
            22P02: column "n" of table "s.t" is of type numeric(5,2) and cannot hold '1.5': its stored form is '1.50'
            22P02: column "m" of table "s.t" is of type mood and cannot hold 'glad': invalid input value for enum: "glad"
            23514: column "p" of table "s.t": value for domain positive violates check constraint "positive_check"
            23502: column "p" of table "s.t": domain positive does not allow null values
            """,
            await _database.WriteAsync(
                "INSERT INTO \"s.t\" VALUES (1, 1.5, 'sad', 1)", "INSERT INTO \"s.t\" VALUES (1, '1.50', 'glad', 1)",
                "INSERT INTO \"s.t\" VALUES (1, '1.50', 'sad', -1)", "INSERT INTO \"s.t\" VALUES (1, '1.50', 'sad', NULL)"));
    }

    [Fact]
    public async Task A_row_without_a_key_moves_the_sequence_of_the_key()
    {
        Assert.Equal("", await _database.RunAsync("create table t (id serial primary key, v int)"));
        Assert.Equal("", await _database.RunAsync("create table u (v int, id int generated always as identity primary key)"));
        Assert.Equal("", await _database.RunAsync("create table w (id bigserial, v text primary key)"));
        Assert.Equal("1", await _database.RunAsync("insert into t(v) values (1) returning id"));
        Assert.Equal("\n\n", await _database.WriteAsync("INSERT INTO t(v) VALUES (2), (3)", "INSERT INTO u(v) VALUES (1)", "INSERT INTO w(v) VALUES ('a'), ('b')"));
        Assert.Equal("4", await _database.RunAsync("insert into t(v) values (4) returning id"));
        Assert.Equal("2", await _database.RunAsync("insert into u(v) values (4) returning id"));
        Assert.Equal("3", await _database.RunAsync("insert into w(v) values ('c') returning id"));

        // A key that PostgreSQL's dialect names leaves its sequence alone.
        Assert.Equal("", await _database.RunAsync("insert into t(id, v) values (50, 1)"));
        Assert.Equal("", await _database.WriteAsync("UPDATE t SET v = 2 WHERE id = 50"));
        Assert.Equal("5", await _database.RunAsync("insert into t(v) values (5) returning id"));
    }

    [Fact]
    public async Task All_rows_are_looked_at_and_only_columns_that_are_as_they_were_made()
    {
        await _database.RunAsync("create table t (id int primary key, g int generated always as (v * 2) stored, v smallint, a int[], s small)");
        Assert.Equal("", await _database.WriteAsync("INSERT INTO t(id, v, a, s) VALUES (1, 1, '[]', 1)"));
        await _database.WriteAsync("CREATE TABLE raw(a, b)", "INSERT INTO raw VALUES (2, 5), (3, 99999)");
        Assert.StartsWith("22003: column \"v\"", await _database.WriteAsync("INSERT INTO t(id, v, s) SELECT a, b, 1 FROM raw"), StringComparison.Ordinal);
        Assert.StartsWith("23514: column \"s\"", await _database.WriteAsync("INSERT INTO t(id, v, s) SELECT a, 1, a + 7 FROM raw"), StringComparison.Ordinal);
        Assert.Equal("", await _database.WriteAsync("ALTER TABLE t ADD COLUMN extra INT"));
        Assert.Equal("", await _database.WriteAsync("INSERT INTO t(id, v, s, extra) VALUES (4, 4, 4, 'any')"));
        Assert.StartsWith("22P02: column \"v\"", await _database.WriteAsync("UPDATE t SET v = 'x' WHERE id = 4"), StringComparison.Ordinal);
        Assert.Equal("", await _database.WriteAsync("ALTER TABLE t DROP COLUMN a"));
        Assert.StartsWith("22P02: column \"s\"", await _database.WriteAsync("UPDATE t SET s = 'x' WHERE id = 4"), StringComparison.Ordinal);
        Assert.Equal("1|1|2|1|NULL;4|4|8|4|any", await _database.QueryAsync("SELECT id, v, g, s, extra FROM t"));
    }
}
