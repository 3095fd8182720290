using Rqlite.Pg.Dialect.Catalog;
using Rqlite.Pg.Types;
using Attribute = Rqlite.Pg.Dialect.Catalog.Attribute;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

/// <summary>
/// The schema of Data/schema.sql as the statements of SQLite and the metadata that describe it, put together by hand: what DDL is expected to
/// write.
/// </summary>
internal sealed partial class TestSchema
{
    private const uint Default = 100;
    private const uint C = 950;
    private const uint Posix = 951;

    private readonly MetadataWriter _metadata = new(exists: false);
    private readonly List<string> _statements = [];
    private readonly Dictionary<string, MetadataOid> _oids = [];

    private TestSchema()
    {
    }

    public static async Task CreateAsync(CatalogDatabase database)
    {
        var schema = new TestSchema();
        schema.CreateTypes();
        schema.CreateCustomers();
        schema.CreateOrders();
        schema.CreateLines();
        schema.CreateViews();
        await database.ApplyAsync([.. schema._statements]);
        await database.ApplyAsync(schema._metadata.Build());
    }

    private MetadataOid this[string name] => _oids[name];

    /// <summary>An OID that rows of dependencies and types name; the place of drawing is known beforehand, as OIDs begin at 16384.</summary>
    private uint Known(string name) => MetadataSchema.FirstOid + (uint)_oids[name].Place - 1;

    private MetadataOid Draw(string name) => _oids[name] = _metadata.Draw();

    private void CreateTypes()
    {
        _metadata.AddSchema(Draw("app"), "app");
        Comment(ClassOids.PgNamespace, "app", 0, "The shop");
        Type("app", new TypeInfo(0, 0, "app", "mood", 'e'));
        Labels("app.mood", "sad", "ok", "happy");
        Comment(ClassOids.PgType, "app.mood", 0, "How it is");
        Type("public", new TypeInfo(0, 0, "public", "level", 'e'));
        Labels("level", "low", "high");
        Type("app", new TypeInfo(0, 0, "app", "price", 'd') { Base = new PgType(PgTypes.Numeric, 655366), NotNull = true, Default = "0" });
        _metadata.AddConstraint(
            Draw("price_check"), 0, this["app.price"],
            new ConstraintInfo(0, "price_check", ConstraintType.Check, []) { Expression = "(VALUE >= (0)::numeric)" }, 0, 0);
        Type("public", new TypeInfo(0, 0, "public", "code", 'd') { Base = new PgType(PgTypes.VarChar, 12), Collation = C });
        Sequence("public", "counter", "'type', 'smallint', 'increment', 5, 'minvalue', 5, 'maxvalue', 1000, 'start', 10, 'cache', 3, 'cycle', 1");
    }

    private void CreateCustomers()
    {
        Sequence("app", "customers_id_seq", "'type', 'integer'");
        Table(
            "app", "customers", "CONSTRAINT \"customers_name_check\" CHECK (name <> '')",
            ("INTEGER PRIMARY KEY", new(1, "id", new(PgTypes.Int4), 0)
            {
                NotNull = true, Default = "nextval('app.customers_id_seq'::regclass)", OwnedSequence = "app.customers_id_seq",
            }),
            ("TEXT", new(2, "name", new(PgTypes.Text), Default) { NotNull = true }),
            ("VARCHAR(120)", new(3, "email", new(PgTypes.VarChar, 124), Default)),
            ("ENUM_TEXT", new(4, "feeling", new(Known("app.mood")), 0) { NotNull = true, Default = "'ok'::app.mood" }),
            ("ENUM_ARR_TEXT", new(5, "moods", new(Known("app.mood[]")), 0) { Dimensions = 1 }),
            ("DATE_TEXT", new(6, "born", new(PgTypes.Date), 0)),
            ("TIMESTAMPTZ_TEXT", new(7, "created", new(PgTypes.TimestampTz), 0) { NotNull = true, Default = "now()" }));
        Check("app.customers", "customers_name_check", "(name <> ''::text)", 2);
        Key("app.customers", "customers_pkey", ConstraintType.PrimaryKey, "", 1);
        Key("app.customers", "customers_email_key", ConstraintType.Unique, "app.customers_email_key", 3);
        Comment(ClassOids.PgClass, "app.customers", 0, "Who buys");
        Comment(ClassOids.PgClass, "app.customers", 3, "Where to write");
        Depends(ClassOids.PgAttrDef, "app.customers.1", new(ClassOids.PgClass, Known("app.customers_id_seq"), 0));
        Depends(ClassOids.PgAttrDef, "app.customers.4", new(ClassOids.PgType, Known("app.mood"), 0));
    }

    private void CreateOrders()
    {
        Sequence("public", "orders_id_seq", "'type', 'bigint'");
        Table(
            "public", "orders",
            "FOREIGN KEY(customer) REFERENCES \"app.customers\"(id) ON UPDATE CASCADE ON DELETE RESTRICT, "
            + "CONSTRAINT orders_amount_check CHECK (amount > 0), CONSTRAINT orders_check CHECK (amount < 1000 OR flag)",
            ("INTEGER PRIMARY KEY", new(1, "id", new(PgTypes.Int8), 0)
            {
                NotNull = true, Identity = IdentityKind.Always, OwnedSequence = "orders_id_seq",
            }),
            ("INTEGER", new(2, "customer", new(PgTypes.Int4), 0) { NotNull = true }),
            ("NUMERIC_TEXT(10,2)", new(3, "price", new(Known("app.price")), 0)),
            ("NUMERIC_TEXT(12,3)", new(4, "amount", new(PgTypes.Numeric, 786439), 0) { Default = "1.5" }),
            ("DOUBLE PRECISION", new(5, "total", new(PgTypes.Float8), 0)
            {
                Generated = true, Default = "((amount)::double precision * (2)::double precision)",
            }),
            ("TEXT_ARR_TEXT", new(6, "tags", new(1009), Default) { Default = "'{}'::text[]", Dimensions = 1 }),
            ("I4ARR_TEXT", new(7, "matrix", new(1007), 0) { Dimensions = 2 }),
            ("BOOLEAN", new(8, "flag", new(PgTypes.Bool), 0) { Default = "false" }),
            ("BPCHAR_TEXT(5)", new(9, "padded", new(PgTypes.BpChar, 9), Default)),
            ("TIMETZ_TEXT(3)", new(10, "zone", new(PgTypes.TimeTz, 3), 0)),
            ("IVAL_TEXT", new(11, "span", new(PgTypes.Interval, 470286338), 0)),
            ("VARBIT_TEXT(7)", new(12, "bits", new(PgTypes.VarBit, 7), 0)),
            ("JSONB_TEXT", new(13, "data", new(PgTypes.Jsonb), 0)),
            ("BYTEA_BLOB", new(14, "raw", new(PgTypes.Bytea), 0)),
            ("UUID_TEXT", new(15, "uid", new(PgTypes.Uuid), 0)));
        Check("orders", "orders_amount_check", "(amount > (0)::numeric)", 4);
        Check("orders", "orders_check", "((amount < (1000)::numeric) OR flag)", 4, 8);
        Key("orders", "orders_pkey", ConstraintType.PrimaryKey, "", 1);
        ForeignKey(
            "orders", "app.customers", "customers_pkey",
            new(0, "orders_customer_fkey", ConstraintType.ForeignKey, [2]) { ReferencedColumns = [1], OnUpdate = 'c', OnDelete = 'r' });
        Depends(ClassOids.PgAttrDef, "orders.5", new(ClassOids.PgClass, Known("orders"), 4));
    }
}
