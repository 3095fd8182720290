namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>
/// The tables in which the database keeps what PostgreSQL's dialect knows of its objects and SQLite's schema does not say. They are replicated, written by
/// the steps of DDL in its own entry, and made by the first of it. A row counts as long as SQLite has the object that it describes: what a client of
/// HTTP drops or changes needs no knowledge of these tables.
/// </summary>
internal static class MetadataSchema
{
    /// <summary>The first OID that is drawn, as in PostgreSQL.</summary>
    public const uint FirstOid = 16384;

    /// <summary>Objects without a row have OIDs from here on, see <see cref="ForeignOids"/>.</summary>
    public const uint FirstForeignOid = 0x40000000;

    /// <summary>The table whose presence tells that all of them exist.</summary>
    public const string Marker = "_rqlite_class";

    /// <summary>The statements that make the tables, in their order.</summary>
    public static IReadOnlyList<string> Statements { get; } =
    [
        // One row: the OID that is drawn next.
        "CREATE TABLE _rqlite_oid(next INTEGER NOT NULL CHECK (next BETWEEN 16384 AND 1073741824))",
        "INSERT INTO _rqlite_oid(next) VALUES(16384)",

        "CREATE TABLE _rqlite_namespace(oid INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "INSERT INTO _rqlite_namespace(oid, name) VALUES(2200, 'public')",

        // Tables, views and sequences. kind is that of pg_class.relkind, sqlite_name the name in SQLite.
        """
        CREATE TABLE _rqlite_class(
            oid INTEGER PRIMARY KEY, name TEXT NOT NULL, namespace INTEGER NOT NULL, kind TEXT NOT NULL, sqlite_name TEXT NOT NULL,
            row_type INTEGER NOT NULL, array_type INTEGER NOT NULL, persistence TEXT NOT NULL)
        """,

        // Columns of tables, views and indexes. declared is the type in SQLite's CREATE TABLE; a column counts while it is the same.
        // identity is a or d, sequence the name in SQLite of the sequence that the column owns.
        """
        CREATE TABLE _rqlite_attribute(
            relation INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, declared TEXT NOT NULL, type INTEGER NOT NULL,
            modifier INTEGER NOT NULL, dimensions INTEGER NOT NULL, collation INTEGER NOT NULL, not_null INTEGER NOT NULL,
            default_oid INTEGER NOT NULL, default_text TEXT, generated INTEGER NOT NULL, identity TEXT NOT NULL, sequence TEXT,
            dropped INTEGER NOT NULL, PRIMARY KEY(relation, number)) WITHOUT ROWID
        """,

        // Constraints of tables and, with type, of domains. kind, on_update, on_delete and match are characters of pg_constraint; lists of columns
        // are JSON arrays of numbers.
        """
        CREATE TABLE _rqlite_constraint(
            oid INTEGER PRIMARY KEY, relation INTEGER NOT NULL, type INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
            columns TEXT NOT NULL, expression TEXT, index_oid INTEGER NOT NULL, referenced INTEGER NOT NULL, referenced_columns TEXT NOT NULL,
            on_update TEXT NOT NULL, on_delete TEXT NOT NULL, match_type TEXT NOT NULL, is_deferrable INTEGER NOT NULL, is_deferred INTEGER NOT NULL,
            validated INTEGER NOT NULL, no_inherit INTEGER NOT NULL)
        """,

        // sqlite_name is null for a primary key without an index of its own name. expressions are texts, one for each 0 in columns.
        """
        CREATE TABLE _rqlite_index(
            oid INTEGER PRIMARY KEY, relation INTEGER NOT NULL, name TEXT NOT NULL, sqlite_name TEXT, is_unique INTEGER NOT NULL,
            is_primary INTEGER NOT NULL, columns TEXT NOT NULL, key_count INTEGER NOT NULL, expressions TEXT NOT NULL, predicate TEXT,
            options TEXT NOT NULL, operator_classes TEXT NOT NULL, collations TEXT NOT NULL)
        """,

        // Enums (kind e) and domains (kind d), to which base and what follows belong.
        """
        CREATE TABLE _rqlite_type(
            oid INTEGER PRIMARY KEY, name TEXT NOT NULL, namespace INTEGER NOT NULL, kind TEXT NOT NULL, array_type INTEGER NOT NULL,
            base INTEGER NOT NULL, modifier INTEGER NOT NULL, dimensions INTEGER NOT NULL, collation INTEGER NOT NULL,
            not_null INTEGER NOT NULL, default_text TEXT)
        """,

        "CREATE TABLE _rqlite_enum(oid INTEGER PRIMARY KEY, type INTEGER NOT NULL, place REAL NOT NULL, label TEXT NOT NULL)",

        // The queries of views in PostgreSQL's dialect, as they were bound; rule is the OID in pg_rewrite.
        "CREATE TABLE _rqlite_view(relation INTEGER PRIMARY KEY, rule INTEGER NOT NULL, definition TEXT NOT NULL)",

        // What expressions and views refer to. What follows from the other tables (a column's table, an index's columns) has no row.
        """
        CREATE TABLE _rqlite_depend(
            class INTEGER NOT NULL, object INTEGER NOT NULL, sub INTEGER NOT NULL, referenced_class INTEGER NOT NULL,
            referenced_object INTEGER NOT NULL, referenced_sub INTEGER NOT NULL, kind TEXT NOT NULL)
        """,
        """
        CREATE TABLE _rqlite_description(
            object INTEGER NOT NULL, class INTEGER NOT NULL, sub INTEGER NOT NULL, description TEXT NOT NULL,
            PRIMARY KEY(object, class, sub)) WITHOUT ROWID
        """,
    ];
}
