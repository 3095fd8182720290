using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

public sealed class HttpSchemaTests : IAsyncLifetime
{
    private readonly CatalogDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task What_http_made_is_seen_with_the_types_and_constraints_of_its_declarations()
    {
        await CreateAsync();
        var snapshot = await _database.LoadAsync();
        Assert.Equal(
            """
            Table albums rowid=1
              1 id bigint not null
              2 Title character varying(20) not null default 'none'::character varying
              3 price numeric default 5
              4 made timestamp without time zone native CURRENT_TIMESTAMP
              5 note text
              6 big bigint
              7 artist bigint
              8 twice bigint generated big*2
              Check albums_big_check CHECK (big > 0)
              Check albums_price_check CHECK (price < 100)
              PrimaryKey albums_pkey PRIMARY KEY (id)
              Unique one UNIQUE ("Title", price)
              ForeignKey albums_artist_fkey FOREIGN KEY (artist) REFERENCES artists(name) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
              CREATE UNIQUE INDEX albums_pkey ON public.albums USING btree (id)
              CREATE INDEX by_title ON public.albums USING btree ("Title" DESC, lower(note)) WHERE price > 1
              CREATE UNIQUE INDEX one ON public.albums USING btree ("Title", price)
            Table artists
              1 name text not null
              2 born date
              PrimaryKey artists_pkey PRIMARY KEY (name)
              CREATE UNIQUE INDEX artists_pkey ON public.artists USING btree (name)
            View broken
            Table docs
              1 body text
            View v
              1 id bigint
              2 Title character varying(20)
            """,
            Describe(snapshot));
        Assert.True(snapshot.FindRelation("public", "albums")!.Foreign);
        Assert.Null(snapshot.FindRelation("public", "Albums"));
        Assert.Null(snapshot.FindRelation("public", "_rqlite_meta"));
        Assert.All(snapshot.Relations, relation => Assert.True(relation.Oid >= MetadataSchema.FirstForeignOid));
    }

    [Fact]
    public async Task Oids_of_what_http_made_follow_from_the_names()
    {
        await CreateAsync();
        var before = (await _database.LoadAsync()).Relations.ToDictionary(relation => relation.Name, relation => relation.Oid);
        await _database.ApplyAsync("CREATE TABLE aaa(x)", "DROP VIEW broken", "ALTER TABLE artists RENAME TO painters");
        var after = (await _database.LoadAsync()).Relations.ToDictionary(relation => relation.Name, relation => relation.Oid);
        Assert.Equal(before["albums"], after["albums"]);
        Assert.Equal(before["by_title"], after["by_title"]);
        Assert.NotEqual(before["artists"], after["painters"]);
        Assert.Equal(after.Count, after.Values.Distinct().Count());
    }

    [Fact]
    public async Task A_table_of_the_metadata_that_http_changed_is_seen_as_it_is_now()
    {
        await TestSchema.CreateAsync(_database);
        await _database.ApplyAsync(
            "ALTER TABLE orders ADD COLUMN extra INT DEFAULT 3", "CREATE INDEX orders_extra ON orders(extra)", "DROP INDEX lines_title",
            "DROP VIEW plain", "ALTER TABLE gone RENAME COLUMN c TO d", "ALTER TABLE \"app.customers\" DROP COLUMN born");
        var snapshot = await _database.LoadAsync();
        var orders = snapshot.FindRelation("public", "orders")!;
        Assert.Equal((16, "extra", PgTypes.Int8), (orders.Attributes[^1].Number, orders.Attributes[^1].Name, orders.Attributes[^1].Type.Oid));
        Assert.Equal(PgTypes.Numeric, orders.Attributes[3].Type.Oid);
        Assert.Contains(orders.Indexes, index => index.Name == "orders_extra" && index.Columns.SequenceEqual([(short)16]));
        Assert.Null(snapshot.FindRelation("public", "lines_title"));
        Assert.Null(snapshot.FindRelation("public", "plain"));
        var gone = snapshot.FindRelation("public", "gone")!;
        Assert.Equal("a, b dropped, d", string.Join(", ", gone.Attributes.Select(a => a.Name + (a.Dropped ? " dropped" : ""))));
        Assert.True(snapshot.FindRelation("app", "customers")!.Attributes[5].Dropped);
        Assert.Equal("5", (await _database.QueryAsync(
            "SELECT count(*) FROM _pg_catalog_pg_attribute WHERE attrelid = (SELECT oid FROM _pg_catalog_pg_class WHERE relname = 'gone') AND attnum > 0"
            + " OR attname = 'extra'")));
    }

    [Fact]
    public async Task A_table_that_was_dropped_and_made_anew_over_http_has_nothing_of_the_old_one()
    {
        await TestSchema.CreateAsync(_database);
        await _database.ApplyAsync("DROP VIEW plain", "DROP TABLE lines", "CREATE TABLE lines(order_id TEXT, quantity INTEGER)");
        var lines = (await _database.LoadAsync()).FindRelation("public", "lines")!;
        var live = lines.Attributes.Where(a => !a.Dropped).Select(a => $"{a.Name} {TypeFormat.Name(a.Type.Oid)}");
        Assert.Equal("order_id text, quantity bigint", string.Join(", ", live));
        Assert.Empty(lines.Constraints);
        Assert.Empty(lines.Indexes);
    }

    [Fact]
    public async Task A_thousand_tables_load_once_for_a_version_of_the_schema()
    {
        await _database.ApplyAsync([.. Enumerable.Range(0, 1000).Select(i =>
            $"CREATE TABLE t{i}(id INTEGER PRIMARY KEY, {string.Join(", ", Enumerable.Range(0, 9).Select(c => $"c{c} VARCHAR(20)"))})")]);
        var snapshot = await _database.LoadAsync();
        Assert.Same(snapshot, await _database.LoadAsync());
        Assert.Equal("10000", await _database.QueryAsync(
            "SELECT count(*) FROM _pg_catalog_pg_attribute a JOIN _pg_catalog_pg_class c ON c.oid = a.attrelid"
            + " WHERE c.relkind = 'r' AND c.oid >= 16384 AND attnum > 0 OR a.attname = 'none'"));
        Assert.Equal("10", await _database.QueryAsync(
            "SELECT count(*) FROM _pg_catalog_pg_class c JOIN _pg_catalog_pg_attribute a ON c.oid = a.attrelid WHERE c.relname = 't500' AND attnum > 0"));
        await _database.ApplyAsync("CREATE TABLE one_more(x)");
        Assert.NotSame(snapshot, await _database.LoadAsync());
    }

    private Task CreateAsync() => _database.ApplyAsync(
        "CREATE TABLE artists(name TEXT PRIMARY KEY, born DATE) WITHOUT ROWID",
        """
        CREATE TABLE albums(
            id INTEGER PRIMARY KEY AUTOINCREMENT, "Title" VARCHAR(20) NOT NULL DEFAULT 'none', price NUMERIC DEFAULT 5,
            made DATETIME DEFAULT CURRENT_TIMESTAMP, note, big BIGINT CHECK (big > 0),
            artist INT REFERENCES artists ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, twice INT GENERATED ALWAYS AS (big*2) STORED,
            CONSTRAINT one UNIQUE("Title", price), CONSTRAINT albums_price_check CHECK (price < 100))
        """,
        "CREATE INDEX by_title ON albums(\"Title\" DESC, lower(note)) WHERE price > 1",
        "CREATE VIEW v AS SELECT id, \"Title\" FROM albums",
        "CREATE VIEW broken AS SELECT * FROM missing",
        "CREATE VIRTUAL TABLE docs USING fts5(body)");

    private static string Describe(SchemaSnapshot snapshot)
    {
        var text = new StringBuilder();
        var names = SchemaNames.Of(snapshot, null);
        var texts = new ObjectTexts(snapshot, names, pretty: false);
        foreach (var relation in snapshot.Relations.Where(r => r.Kind != RelationKind.Index).OrderBy(r => r.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{relation.Kind} {relation.Name}");
            text.AppendLine(relation.RowIdColumn == 0 ? "" : $" rowid={relation.RowIdColumn}");
            foreach (var column in relation.Attributes)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {column.Number} {column.Name} {TypeFormat.Name(column.Type.Oid, column.Type.Modifier)}");
                text.Append(column.NotNull ? " not null" : "");
                text.Append(column.Generated ? $" generated {column.Default}" : column.Default is null ? "" : $" default {column.Default}");
                text.AppendLine(column.NativeDefault is null ? "" : $" native {column.NativeDefault}");
            }

            foreach (var row in PgConstraint.OfTable(snapshot, relation))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"  {row.Constraint.Type} {row.Constraint.Name} {texts.Constraint(row)}");
            }

            foreach (var index in relation.Indexes.OrderBy(i => i.Name, StringComparer.Ordinal))
            {
                text.AppendLine("  " + texts.Index(new IndexOfTable(relation, index)));
            }
        }

        return text.ToString().TrimEnd();
    }
}
