using Rqlite.Pg.Dialect.Tests.Catalog;

namespace Rqlite.Pg.Dialect.Tests.TypedColumns;

/// <summary>Definitions in SQLite's dialect of what was defined in PostgreSQL's.</summary>
public sealed class DefinitionFollowerTests : IAsyncLifetime
{
    private static readonly string[] s_tables =
    [
        "_rqlite_class", "_rqlite_attribute", "_rqlite_constraint", "_rqlite_index", "_rqlite_view", "_rqlite_depend", "_rqlite_description",
    ];

    private readonly CatalogDatabase _database = new();

    public async Task InitializeAsync()
    {
        string[] definitions =
        [
            "create table kept (id int primary key)", "comment on table kept is 'kept'",
        ];
        foreach (var sql in definitions)
        {
            Assert.Equal("", await _database.RunAsync(sql));
        }
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_dropped_table_leaves_nothing_behind()
    {
        var before = await MetadataAsync();
        string[] definitions =
        [
            "create table t (id serial primary key, n int check (n > 0), m text default 'x' unique, i int generated always as identity)",
            "create index on t (lower(m)) where n > 5", "comment on table t is 'a'", "comment on column t.n is 'b'",
            "create table child (t int references t, self int)",
        ];
        foreach (var sql in definitions)
        {
            Assert.Equal("", await _database.RunAsync(sql));
        }

        Assert.Equal("", await _database.WriteAsync("DROP TABLE t"));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM _rqlite_constraint WHERE referenced <> 0"));
        Assert.Equal("", await _database.WriteAsync("DROP TABLE child"));
        Assert.Equal(before, await MetadataAsync());
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_schema WHERE name LIKE 't%'"));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM _rqlite_sequences"));

        // A new table of the name has nothing of the old one.
        Assert.Equal("", await _database.WriteAsync("CREATE TABLE t(id, n SMALLINT)"));
        Assert.Equal("", await _database.WriteAsync("INSERT INTO t VALUES ('any', 'any')"));
        Assert.True((await _database.LoadAsync()).FindRelation("public", "t")!.Foreign);
    }

    [Fact]
    public async Task A_renamed_table_keeps_its_oids_types_and_checks()
    {
        await _database.RunAsync("create table t (id int primary key, n smallint unique)");
        await _database.RunAsync("create schema s");
        await _database.RunAsync("create table s.t (n smallint)");
        var before = (await _database.LoadAsync()).FindRelation("public", "t")!;
        var other = (await _database.LoadAsync()).FindRelation("s", "t")!;
        Assert.Equal(
            "\n\n", await _database.WriteAsync("ALTER TABLE t RENAME TO new", "ALTER TABLE \"s.t\" RENAME TO \"s.u\"", "CREATE TABLE t(x)"));
        var after = (await _database.LoadAsync()).FindRelation("public", "new")!;
        Assert.Equal((before.Oid, before.RowType, false), (after.Oid, after.RowType, after.Foreign));
        Assert.Equal(before.Indexes.Select(i => i.Oid), after.Indexes.Select(i => i.Oid));
        Assert.Equal(other.Oid, (await _database.LoadAsync()).FindRelation("s", "u")!.Oid);
        Assert.StartsWith("22003: column \"n\" of table \"new\"", await _database.WriteAsync("INSERT INTO new VALUES (1, 99999)"), StringComparison.Ordinal);
        Assert.StartsWith("22003: column \"n\" of table \"s.u\"", await _database.WriteAsync("INSERT INTO \"s.u\" VALUES (99999)"), StringComparison.Ordinal);
        Assert.Equal("", await _database.WriteAsync("INSERT INTO t VALUES (99999)"));
        Assert.Equal("", await _database.WriteAsync("ALTER TABLE \"s.u\" RENAME TO moved"));
        Assert.Equal(other.Oid, (await _database.LoadAsync()).FindRelation("public", "moved")!.Oid);
    }

    [Fact]
    public async Task Columns_and_indexes_follow()
    {
        await _database.RunAsync("create table t (id int primary key, a smallint, b text unique, c numeric(4,1))");
        await _database.RunAsync("comment on column t.a is 'a'");
        Assert.Equal(
            "\n\n\n", await _database.WriteAsync(
                "ALTER TABLE t RENAME COLUMN c TO d", "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD COLUMN e INT", "DROP INDEX t_b_key"));
        var relation = (await _database.LoadAsync()).FindRelation("public", "t")!;
        Assert.Equal("1 id,2 -,3 b,4 d,5 e", string.Join(',', relation.Attributes.Select(a => $"{a.Number} {(a.Dropped ? "-" : a.Name)}")));
        Assert.Equal("t_pkey", string.Join(',', relation.Constraints.Select(c => c.Name)));
        Assert.Equal("t_pkey", string.Join(',', relation.Indexes.Select(i => i.Name)));
        Assert.Equal("kept", await _database.QueryAsync("SELECT description FROM _rqlite_description"));
        Assert.StartsWith("22P02: column \"d\"", await _database.WriteAsync("INSERT INTO t(id, d) VALUES (1, 1)"), StringComparison.Ordinal);
        Assert.Equal("", await _database.WriteAsync("INSERT INTO t(id, d, e) VALUES (1, '1.0', 'any')"));
    }

    [Theory]
    [InlineData("ALTER TABLE t RENAME TO u", "view v")]
    [InlineData("ALTER TABLE t RENAME COLUMN a TO x", "view v")]
    [InlineData("ALTER TABLE t RENAME COLUMN b TO x", "constraint t_b_check")]
    [InlineData("ALTER TABLE t2 RENAME COLUMN a TO x", "column g")]
    [InlineData("ALTER TABLE t3 RENAME COLUMN a TO x", "index t3_lower_idx")]
    public async Task What_texts_of_PostgreSQL_s_dialect_name_keeps_its_name(string sql, string user)
    {
        string[] definitions =
        [
            "create table t (id int primary key, a int, b int check (b > 0))", "create view v as select a from t",
            "create table t2 (a int, g int generated always as (a + 1) stored)",
            "create table t3 (a text)", "create index on t3 (lower(a))",
        ];
        foreach (var text in definitions)
        {
            Assert.Equal("", await _database.RunAsync(text));
        }

        var before = (await MetadataAsync(), await _database.QueryAsync("SELECT sql FROM sqlite_schema"));
        var answer = (await _database.WriteAsync("INSERT INTO kept VALUES (1)", sql, "INSERT INTO kept VALUES (2)")).Split('\n');
        Assert.StartsWith("0A000: changing ", answer[1], StringComparison.Ordinal);
        Assert.Contains($"because {user} was defined", answer[1], StringComparison.Ordinal);
        Assert.Equal(before, (await MetadataAsync(), await _database.QueryAsync("SELECT sql FROM sqlite_schema")));
        Assert.Equal("1;2", await _database.QueryAsync("SELECT id FROM kept"));
    }

    [Theory]
    [InlineData("DROP TABLE t", "table t because view v")]
    [InlineData("DROP TABLE plain", "table plain because view w")]
    [InlineData("DROP VIEW v", "view v because view w")]
    public async Task What_a_view_of_PostgreSQL_s_dialect_reads_is_dropped_after_the_view(string sql, string user)
    {
        await _database.WriteAsync("CREATE TABLE plain(a)");
        await _database.RunAsync("create table t (id int primary key, a int)");
        await _database.RunAsync("create view v as select a from t");
        await _database.RunAsync("create view w as select v.a from v, plain");
        var before = (await MetadataAsync(), await _database.QueryAsync("SELECT sql FROM sqlite_schema"));
        var answer = await _database.WriteAsync("INSERT INTO kept VALUES (1)", sql, "INSERT INTO kept VALUES (2)");
        Assert.Equal($"\n2BP01: cannot drop {user} of PostgreSQL's dialect depends on it\n", answer);
        Assert.Equal(before, (await MetadataAsync(), await _database.QueryAsync("SELECT sql FROM sqlite_schema")));
        Assert.Equal("1;2", await _database.QueryAsync("SELECT id FROM kept"));
        Assert.Equal("\n\n\n", await _database.WriteAsync("DROP VIEW w", "DROP VIEW v", "DROP TABLE plain", "DROP TABLE t"));
        Assert.Equal("0", await _database.QueryAsync("SELECT (SELECT count(*) FROM _rqlite_view) + (SELECT count(*) FROM _rqlite_depend)"));
    }

    [Fact]
    public async Task Comments_on_what_http_made_follow_its_name_and_go_with_it()
    {
        await _database.WriteAsync("CREATE TABLE plain(a)");
        await _database.RunAsync("comment on table plain is 'plain'");
        await _database.RunAsync("comment on column plain.a is 'a'");
        await _database.WriteAsync("ALTER TABLE plain RENAME TO other");
        var snapshot = await _database.LoadAsync();
        Assert.Equal(["a", "kept", "plain"], snapshot.Descriptions.Values.Order(StringComparer.Ordinal));
        Assert.Equal(2, snapshot.Descriptions.Keys.Count(key => key.Object == snapshot.FindRelation("public", "other")!.Oid));
        await _database.WriteAsync("DROP TABLE other");
        Assert.Equal("kept", await _database.QueryAsync("SELECT description FROM _rqlite_description"));
    }

    [Fact]
    public async Task Two_databases_with_the_same_entries_stay_the_same()
    {
        await using var other = new CatalogDatabase();
        string[] entries =
        [
            "create table kept (id int primary key)", "comment on table kept is 'kept'", "create table t (id serial primary key, n numeric(4,1) unique)",
            "#INSERT INTO t(n) VALUES (1.5), (2)", "#INSERT INTO t(n) VALUES ('1.5')", "#ALTER TABLE t RENAME TO u", "insert into u(n) values (9)",
            "#ALTER TABLE u RENAME n TO m", "#CREATE TABLE t(n)", "#INSERT INTO t SELECT m FROM u", "#INSERT INTO u(m) SELECT n || 'x' FROM t", "#DROP TABLE u",
            "create table u (t int)",
        ];
        foreach (var entry in entries)
        {
            Assert.Equal(await RunAsync(other, entry), entry.EndsWith("'kept'", StringComparison.Ordinal) || entry.StartsWith("create table kept", StringComparison.Ordinal)
                ? "" : await RunAsync(_database, entry));
        }

        Assert.Equal(await _database.HashAsync(), await other.HashAsync());
        Assert.Equal("1.5;9.0", await other.QueryAsync("SELECT n FROM t"));
    }

    private static Task<string> RunAsync(CatalogDatabase database, string entry) =>
        entry.StartsWith('#') ? database.WriteAsync(entry[1..]) : database.RunAsync(entry);

    private async Task<string> MetadataAsync()
    {
        var contents = new List<string>();
        foreach (var table in s_tables)
        {
            contents.Add($"{table}: {await _database.QueryAsync($"SELECT * FROM {table} ORDER BY 1, 2")}");
        }

        return string.Join('\n', contents);
    }
}
