using System.Buffers;

namespace Rqlite.Pg.Storage.Tests;

public class ParameterTests
{
    private static readonly Action<IBufferWriter<byte>> s_three = output =>
    {
        ParameterEncoding.WriteInteger(output, 10);
        ParameterEncoding.WriteText(output, "b"u8);
        ParameterEncoding.WriteReal(output, 1.5);
    };

    /// <summary>The value would be another client's, and differ from node to node.</summary>
    [Theory]
    [InlineData("?")]
    [InlineData("?1")]
    [InlineData(":n")]
    [InlineData("@n")]
    [InlineData("$1")]
    public async Task A_parameter_without_a_value_is_null_whatever_the_statement_had_before(string parameter)
    {
        await using var leader = new TestDatabase();
        await using var restarted = new TestDatabase();
        var sql = $"INSERT INTO t VALUES({parameter})";
        Action<IBufferWriter<byte>> first = output => ParameterEncoding.WriteText(output, "secret"u8, parameter == ":n" || parameter == "@n" ? "n" : null);
        foreach (var db in new[] { leader, restarted })
        {
            await db.ApplyAsync("CREATE TABLE t(a)");
            await db.ApplyAsync(Of(sql, first));
        }

        await restarted.ReopenAsync();
        var other = Of(sql, static output => ParameterEncoding.WriteInteger(output, 0, "other"));
        foreach (var db in new[] { leader, restarted })
        {
            await db.ApplyAsync(other);
            Assert.Equal("secret, NULL", await db.QueryAsync("SELECT group_concat(coalesce(a, 'NULL'), ', ') FROM t"));
        }

        Assert.True(leader.Database.TryGetDigest(leader.Database.AppliedIndex, out var one));
        Assert.True(restarted.Database.TryGetDigest(restarted.Database.AppliedIndex, out var two));
        Assert.Equal(one, two);

        var read = $"SELECT coalesce({parameter}, 'NULL')";
        Assert.Equal("secret", await leader.QueryAsync(read, first));
        Assert.Equal("NULL", await leader.QueryAsync(read, static output => ParameterEncoding.WriteInteger(output, 0, "other")));

        static ApplyCommand Of(string sql, Action<IBufferWriter<byte>> values) =>
            new(default, new StatementBatch([TestDatabase.Sql(sql, values)], BatchOptions.None));
    }

    [Theory]
    [InlineData("CREATE TABLE z(a); INSERT INTO nowhere VALUES(1)")]
    [InlineData("INSERT INTO t VALUES(1); INSERT INTO t VALUES('a'); SELECT abs(-9223372036854775807 - 1);")]
    [InlineData("INSERT INTO t VALUES(1);INSERT OR ROLLBACK INTO u VALUES(1)")]
    public async Task A_text_of_several_statements_is_undone_as_a_whole_in_an_atomic_batch(string sql)
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("CREATE TABLE t(a)", "CREATE TABLE u(a UNIQUE)", "INSERT INTO u VALUES(1)");
        Assert.Matches("^[0-9]+: ", Assert.Single(await db.ApplyAsync(BatchOptions.Atomic, sql)));
        Assert.Equal("0|2", await db.QueryAsync("SELECT (SELECT count(*) FROM t), count(*) FROM sqlite_schema WHERE name IN ('t', 'u', 'z')"));
    }

    [Fact]
    public async Task A_mark_of_our_own_texts_stands_in_front_of_the_values_and_nowhere_else()
    {
        await using var db = new TestDatabase();
        Assert.Equal("10|b|1.5", await db.QueryAsync("@SELECT ?, ?, ?", s_three));
        var statement = Statement.Ours("SELECT 1"u8.ToArray());
        Assert.True(statement.IsOurs);
        Assert.Equal(1, statement.Parameters.Length);
        Assert.False(TestDatabase.Sql("SELECT ?", s_three).IsOurs);

        var late = new ArrayBufferWriter<byte>();
        ParameterEncoding.WriteInteger(late, 1);
        ParameterEncoding.WriteOursMark(late);
        Assert.False(ParameterEncoding.HasOursMark(late.WrittenSpan));
        Assert.Throws<InvalidDataException>(() =>
        {
            var reader = new ParameterEncoding.Reader(late.WrittenSpan);
            while (reader.Read())
            {
            }
        });
    }

    [Fact]
    public async Task Entries_of_versions_without_the_mark_do_what_they_did()
    {
        const string Create = "DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')";
        await using var leader = new TestDatabase();
        await using var follower = new TestDatabase();
        using var rehearsal = leader.Database.Writer.BeginRehearsal(1, 2, BatchOptions.ForeignKeys);
        _ = rehearsal.Run(TestDatabase.Sql("@" + Create), default);
        var entry = rehearsal.Seal(out _)!;
        var former = entry with { Statements = [entry.Statements[0] with { Statement = TestDatabase.Sql(Create) }] };
        var stamp = leader.NextStamp() with { UnixMicroseconds = 1, Seed = 2 };
        Assert.True(follower.Database.Writer.ApplyTransaction(stamp, former, null));
        Assert.Equal("1|0|0", await follower.QueryAsync("SELECT * FROM s"));

        var command = TestDatabase.Command(BatchOptions.None, Create, "DELETE FROM _rqlite_call WHERE 0");
        Assert.All((await leader.ApplyAsync(command))[0], result => Assert.StartsWith("23: ", result));
        Assert.Equal(["changed 0, last 0", "changed 0, last 0"], (await leader.ApplyAsync(command.WithFormerRights()))[0]);
    }

    [Fact]
    public async Task What_a_text_of_our_own_may_do_a_clients_same_text_may_not()
    {
        await using var db = new TestDatabase();
        const string Create = "DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '1')";
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(["changed 0, last 0"], await db.ApplyAsync("@" + Create));
            Assert.StartsWith("23: ", (await db.ApplyAsync(Create))[0]);

            // Both are prepared anew within their steps.
            await db.ApplyAsync($"CREATE TABLE t{i}(a)");
        }
    }

    [Theory]
    [InlineData("SELECT ?, ?, ?", "10|b|1.5")]
    [InlineData("SELECT ?3, ?1, ?2", "1.5|10|b")]
    [InlineData("SELECT $3, $1, $2, $1", "1.5|10|b|10")]
    [InlineData("SELECT $2::text, $1::int4", "b|10")]
    [InlineData("SELECT ?2, ?", "b|1.5")]
    [InlineData("SELECT ?", "10")]
    [InlineData("SELECT :x, @y, $z", "10|b|1.5")]
    [InlineData("SELECT ?, ?, ?, ?", "1: not enough args to execute query: want 4 got 3")]
    [InlineData("SELECT $4", "1: not enough args to execute query: want 4 got 3")]
    public async Task Unnamed_values_bind_by_position_or_number(string sql, string expected)
    {
        await using var db = new TestDatabase();
        Assert.Equal(expected, await db.QueryAsync(sql, s_three));
        Assert.Equal(expected, await db.QueryAsync(sql, s_three));
    }

    [Theory]
    [InlineData("SELECT :a, @a, $a", "1|1|1")]
    [InlineData("SELECT ?, :a, ?", "8|1|9")]
    [InlineData("SELECT :a, ?", "1|8")]
    [InlineData("SELECT :a, :missing", "1|8")]
    public async Task Named_values_bind_to_every_prefix_and_unnamed_ones_go_round_them(string sql, string expected)
    {
        await using var db = new TestDatabase();
        Assert.Equal(expected, await db.QueryAsync(sql, output =>
        {
            ParameterEncoding.WriteInteger(output, 8);
            ParameterEncoding.WriteInteger(output, 1, "a");
            ParameterEncoding.WriteInteger(output, 9);
            ParameterEncoding.WriteText(output, "ignored"u8, "nowhere");
        }));
    }

    [Fact]
    public async Task Every_kind_of_value_comes_back_as_it_went()
    {
        await using var db = new TestDatabase();
        var text = await db.QueryAsync("SELECT typeof(?1)||typeof(?2)||typeof(?3)||typeof(?4)||typeof(?5)||typeof(?6)||typeof(?7), ?5, ?6, ?7, ?2", output =>
        {
            ParameterEncoding.WriteNull(output);
            ParameterEncoding.WriteInteger(output, long.MinValue);
            ParameterEncoding.WriteReal(output, double.MaxValue);
            ParameterEncoding.WriteText(output, ""u8);
            ParameterEncoding.WriteBlob(output, []);
            ParameterEncoding.WriteBlob(output, [0, 255]);
            ParameterEncoding.WriteText(output, "a\0b"u8);
        });
        Assert.Equal("nullintegerrealtextblobblobtext|x''|x'00FF'|a\0b|-9223372036854775808", text);
    }

    [Fact]
    public async Task A_statement_cached_with_values_forgets_them()
    {
        await using var db = new TestDatabase();
        Assert.Equal("7", await db.QueryAsync("SELECT ?", output => ParameterEncoding.WriteInteger(output, 7)));
        Assert.StartsWith("1: not enough", await db.QueryAsync("SELECT ?"));
    }

    [Fact]
    public async Task Many_different_statements_do_not_pile_up()
    {
        await using var db = new TestDatabase(options => options with { StatementCacheMax = 4 });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 40; i++)
            {
                Assert.Equal(i.ToString(), await db.QueryAsync($"SELECT {i}"));
            }
        }
    }
}
