using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

internal sealed partial class TestSchema
{
    private void CreateLines()
    {
        Sequence("public", "lines_place_seq", "'type', 'smallint', 'start', 7, 'increment', 2");
        Table(
            "public", "lines",
            "CONSTRAINT lines_key PRIMARY KEY(order_id, place), "
            + "FOREIGN KEY(order_id) REFERENCES orders(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED, "
            + "CONSTRAINT lines_parent FOREIGN KEY(parent, parent_place) REFERENCES lines(order_id, place) ON UPDATE SET DEFAULT ON DELETE SET NULL",
            ("BIGINT", new(1, "order_id", new(PgTypes.Int8), 0) { NotNull = true }),
            ("SMALLINT", new(2, "place", new(PgTypes.Int2), 0)
            {
                NotNull = true, Identity = IdentityKind.ByDefault, OwnedSequence = "lines_place_seq",
            }),
            ("VARCHAR(8)", new(3, "article", new(Known("code")), C)),
            ("VARCHAR", new(4, "title", new(PgTypes.VarChar), C)),
            ("INTEGER", new(5, "quantity", new(PgTypes.Int4), 0) { Default = "(1 + 1)" }),
            ("BIGINT", new(6, "parent", new(PgTypes.Int8), 0)),
            ("SMALLINT", new(7, "parent_place", new(PgTypes.Int2), 0)));
        Key("lines", "lines_key", ConstraintType.PrimaryKey, "", 1, 2);
        Key("lines", "lines_article", ConstraintType.Unique, "lines_article", 3, 4);
        ForeignKey(
            "lines", "orders", "orders_pkey",
            new(0, "lines_order_id_fkey", ConstraintType.ForeignKey, [1])
            {
                ReferencedColumns = [1], OnDelete = 'c', Deferrable = true, InitiallyDeferred = true,
            });
        ForeignKey(
            "lines", "lines", "lines_key",
            new(0, "lines_parent", ConstraintType.ForeignKey, [6, 7]) { ReferencedColumns = [1, 2], OnUpdate = 'd', OnDelete = 'n' });
        CreateIndexes();
        Comment(ClassOids.PgConstraint, "lines_key constraint", 0, "The key");
        Table("public", "gone", "", ("INTEGER", new(1, "a", new(PgTypes.Int4), 0)), ("INTEGER", new(3, "c", new(PgTypes.Int4), 0)));
        _metadata.AddColumn(this["gone"], "TEXT", new Attribute(2, "b", new(PgTypes.Text), Default) { Dropped = true }, 0);
    }

    private void CreateIndexes()
    {
        _statements.Add("CREATE INDEX lines_title ON lines(title DESC, quantity)");
        _metadata.AddIndex(Draw("lines_title"), this["lines"], new(0, "lines_title", false, false, [4, 5])
        {
            Options = [1, 0], SqliteName = "lines_title",
        });
        Comment(ClassOids.PgClass, "lines_title", 0, "By title");
        _statements.Add("CREATE INDEX lines_lower ON lines(lower(title), quantity + 1 DESC) WHERE quantity > 0");
        _metadata.AddIndex(Draw("lines_lower"), this["lines"], new(0, "lines_lower", false, false, [0, 0])
        {
            Options = [0, 3], SqliteName = "lines_lower", Predicate = "(quantity > 0)", Expressions = ["lower((title)::text)", "(quantity + 1)"],
        });
        _metadata.AddColumn(this["lines_lower"], "", new Attribute(1, "lower", new(PgTypes.Text), C), 0);
        _metadata.AddColumn(this["lines_lower"], "", new Attribute(2, "expr", new(PgTypes.Int4), 0), 0);
        foreach (var column in new[] { 4, 5, 5 })
        {
            Depends(ClassOids.PgClass, "lines_lower", new(ClassOids.PgClass, Known("lines"), column), 'a');
        }

        _statements.Add("CREATE UNIQUE INDEX lines_pattern ON lines(title, article)");
        _metadata.AddIndex(Draw("lines_pattern"), this["lines"], new(0, "lines_pattern", true, false, [4, 3, 5])
        {
            KeyCount = 2, Options = [0, 0], SqliteName = "lines_pattern", OperatorClasses = [4218, 0], Collations = [0, Posix],
        });
    }

    private void CreateViews()
    {
        _statements.Add(
            "CREATE VIEW \"app.totals\"(customer, sum) AS SELECT c.name, total(o.amount) FROM \"app.customers\" c JOIN orders o ON o.customer = c.id"
            + " GROUP BY c.name");
        View(
            "app", "totals",
            " SELECT c.name AS customer,\n    sum(o.amount) AS sum\n   FROM (app.customers c\n     JOIN orders o ON ((o.customer = c.id)))\n  GROUP BY c.name;",
            [new(1, "customer", new(PgTypes.Text), Default), new(2, "sum", new(PgTypes.Numeric), 0)],
            ("orders", 2), ("orders", 4), ("app.customers", 1), ("app.customers", 2));
        _statements.Add("CREATE VIEW plain AS SELECT order_id, place, quantity FROM lines");
        View(
            "public", "plain", " SELECT lines.order_id,\n    lines.place,\n    lines.quantity\n   FROM lines;",
            [new(1, "order_id", new(PgTypes.Int8), 0), new(2, "place", new(PgTypes.Int2), 0), new(3, "quantity", new(PgTypes.Int4), 0)],
            ("lines", 1), ("lines", 2), ("lines", 5));
        Comment(ClassOids.PgClass, "plain", 0, "Lines only");
    }

    private static string Sqlite(string schema, string name) => schema == "public" ? name : $"{schema}.{name}";

    private void Type(string schema, TypeInfo type)
    {
        var name = Sqlite(schema, type.Name);
        var array = Draw(name + "[]");
        _metadata.AddType(Draw(name), SchemaOf(schema), type, array);
    }

    private MetadataOid SchemaOf(string name) => name == "public" ? SystemCatalog.Public : this[name];

    private void Labels(string type, params string[] labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            _metadata.AddLabel(_metadata.Draw(), this[type], i + 1, labels[i]);
        }
    }

    private void Sequence(string schema, string name, string options)
    {
        var sqlite = Sqlite(schema, name);
        _statements.Add($"@DELETE FROM _rqlite_call WHERE _rqlite_create_sequence('{sqlite}', 0, {options})");
        _metadata.AddRelation(Draw(sqlite), SchemaOf(schema), name, 'S', sqlite, 0, 0);
    }

    private void Table(string schema, string name, string rest, params (string Declared, Attribute Column)[] columns)
    {
        var sqlite = Sqlite(schema, name);
        var oid = Draw(sqlite);
        var definitions = columns.Select(c => $"\"{c.Column.Name}\" {c.Declared}"
            + (c.Column.NotNull && !c.Declared.Contains("KEY", StringComparison.Ordinal) ? " NOT NULL" : "")
            + (c.Column.Generated ? " GENERATED ALWAYS AS (amount * 2) STORED" : "")).Concat(rest.Length == 0 ? [] : [rest]);
        _statements.Add($"CREATE TABLE \"{sqlite}\"({string.Join(", ", definitions)})");
        var array = Draw(sqlite + "[]");
        _metadata.AddRelation(oid, SchemaOf(schema), name, 'r', sqlite, Draw(sqlite + " row"), array);
        foreach (var (declared, column) in columns)
        {
            MetadataOid defaultOid = column.Default is null ? 0 : Draw($"{sqlite}.{column.Number}");
            _metadata.AddColumn(oid, declared.Replace(" PRIMARY KEY", "", StringComparison.Ordinal), column, defaultOid);
        }
    }

    private void Check(string table, string name, string expression, params short[] columns) => _metadata.AddConstraint(
        Draw(name), this[table], 0, new ConstraintInfo(0, name, ConstraintType.Check, columns) { Expression = expression }, 0, 0);

    private void Key(string table, string name, ConstraintType type, string sqliteName, params short[] columns)
    {
        if (sqliteName.Length > 0)
        {
            var names = name == "customers_email_key" ? "email" : "article, title";
            _statements.Add($"CREATE UNIQUE INDEX \"{sqliteName}\" ON \"{table}\"({names})");
        }

        var index = new IndexInfo(0, name, true, type == ConstraintType.PrimaryKey, columns) { Options = new short[columns.Length], SqliteName = sqliteName };
        _metadata.AddIndex(Draw(name), this[table], index);
        _metadata.AddConstraint(Draw(name + " constraint"), this[table], 0, new ConstraintInfo(0, name, type, columns), this[name], 0);
    }

    private void ForeignKey(string table, string referenced, string index, ConstraintInfo constraint) =>
        _metadata.AddConstraint(Draw(constraint.Name), this[table], 0, constraint, this[index], this[referenced]);

    private void View(string schema, string name, string definition, Attribute[] columns, params (string Table, int Column)[] uses)
    {
        var sqlite = Sqlite(schema, name);
        var oid = Draw(sqlite);
        var array = Draw(sqlite + "[]");
        _metadata.AddRelation(oid, SchemaOf(schema), name, 'v', sqlite, Draw(sqlite + " row"), array);
        foreach (var column in columns)
        {
            _metadata.AddColumn(oid, "", column, 0);
        }

        _metadata.AddView(oid, Draw(sqlite + " rule"), definition);
        foreach (var (table, column) in uses)
        {
            Depends(ClassOids.PgRewrite, sqlite + " rule", new(ClassOids.PgClass, Known(table), column));
        }
    }

    private void Comment(uint catalog, string name, int sub, string text) => _metadata.SetDescription(new ObjectAddress(catalog, Known(name), sub), text);

    private void Depends(uint catalog, string name, ObjectAddress referenced, char kind = 'n') =>
        _metadata.AddDependency(catalog, this[name], referenced.Class, referenced.Object, referenced.Sub, kind);
}
