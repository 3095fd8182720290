using System.Text;

namespace Rqlite.Pg.Storage.Tests;

/// <summary>Every function that this project registers, with everything that can be given to it.</summary>
public class FunctionArgumentsTests
{
    private const int ArgumentsMax = 5;

    private static readonly string[] s_values =
    [
        "NULL", "1", "-9223372036854775808", "1.5", "-9e999", "''", "'s'", "'type'", "'a.b.c.d'", "'\"'", "char(0)", "x''", "x'00'", "x'ff'",
        "zeroblob(24)", "zeroblob(70000)", "CAST(x'c328' AS TEXT)",
    ];

    [Fact]
    public async Task No_argument_and_no_count_of_arguments_does_harm()
    {
        await using var db = new TestDatabase(o => o with
        {
            Node = new NodeSql(
                [
                    new("of_node", 1, values => values[0]), new("pure", 2, values => values[1], Pure: true), new("fixed", 0, _ => 1L, 2L),
                    new("failing", -1, _ => throw new InvalidOperationException("no")), new("odd", 1, _ => new object()),
                ],
                [new("odd_table", "a, b", () => [[1L], ["x", 2L], [new object(), null]])]),
        });
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')", "CREATE TABLE t(a)");
        var functions = (await db.QueryAsync("SELECT DISTINCT name || '|' || narg FROM pragma_function_list WHERE NOT builtin")).Split(';')
            .Select(line => line.Split('|')[0]).Where(IsOurs).Distinct().ToArray();
        Assert.Contains("_rqlite_create_sequence", functions);
        Assert.Contains("pg_advisory_lock", functions);
        Assert.Contains("failing", functions);
        Assert.Contains("replace", functions);
        foreach (var function in functions.Concat(["random", "randomblob", "changes", "total_changes"]))
        {
            foreach (var arguments in Arguments(new Random(5)))
            {
                var call = $"{function}({arguments})";
                var caller = new CallerSession(Guid.NewGuid(), arguments.Length % 3, 1, [], 0);
                var batch = new StatementBatch(
                    [TestDatabase.Sql("@SELECT " + call)], arguments.Length % 2 == 0 ? BatchOptions.AdvisoryLocks : BatchOptions.None) { Caller = caller };
                _ = await db.ApplyAsync(new ApplyCommand(default, batch));
                _ = await db.QueryAsync("@SELECT " + call);
            }
        }

        _ = await db.QueryAsync("SELECT * FROM odd_table");
        Assert.Equal(["changed 1, last 1"], await db.ApplyAsync("INSERT INTO t VALUES(1)"));
        Assert.Equal("1", await db.QueryAsync("SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task Arguments_of_another_type_are_PostgreSQLs_errors()
    {
        await using var db = new TestDatabase();
        await db.ApplyAsync("@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('s', '0')");
        foreach (var (call, state) in new[]
        {
            ("setval('s', 'x')", "22P02"), ("setval('s', 1.5)", "42883"), ("setval('s', x'00')", "42883"), ("nextval('nothing')", "42P01"),
            ("pg_notify('a', 'b' || char(0))", "22021"), ("pg_notify('a' || char(0), 'b')", "22021"), ("pg_notify(NULL, 'b')", "22023"),
        })
        {
            Assert.StartsWith($"{state}: ", (await db.ApplyAsync("SELECT " + call))[0]);
        }

        Assert.Equal(["7|NULL|NULL"], await db.ApplyAsync("SELECT setval('s', ' 7 '), setval('s', NULL), nextval(NULL)"));
    }

    private static bool IsOurs(string name) => name.StartsWith("_rqlite_", StringComparison.Ordinal) || name.StartsWith("pg_", StringComparison.Ordinal)
        || name is "nextval" or "currval" or "lastval" or "setval" or "now" or "transaction_timestamp" or "instr" or "replace"
            or "of_node" or "pure" or "fixed" or "failing" or "odd";

    private static IEnumerable<string> Arguments(Random random)
    {
        yield return "";
        for (var count = 1; count <= ArgumentsMax; count++)
        {
            foreach (var value in s_values)
            {
                for (var at = 0; at < count; at++)
                {
                    var arguments = new StringBuilder();
                    for (var i = 0; i < count; i++)
                    {
                        arguments.Append(i == 0 ? "" : ", ").Append(i == at ? value : s_values[random.Next(s_values.Length)]);
                    }

                    yield return arguments.ToString();
                }
            }
        }
    }
}
