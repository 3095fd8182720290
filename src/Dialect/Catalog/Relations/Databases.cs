using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The database, which every session sees under the name that it has connected to.</summary>
internal static class Databases
{
    private const int Utf8 = 6;
    private const uint DefaultTablespace = 1663;
    private const int FrozenTransaction = 2;

    public static SqlTable Create() => new CatalogTableBuilder<DatabaseRow>("pg_catalog", "pg_database")
        .Key("oid", _ => ClassOids.Database)
        .Key("datname", row => row.Name)
        .Same(ClassOids.Owner, "datdba")
        .Same(Utf8, "encoding")
        .Same('c', "datlocprovider")
        .Same(false, "datistemplate")
        .Same(true, "datallowconn")
        .Same(-1, "datconnlimit")
        .Same(FrozenTransaction, "datfrozenxid")
        .Same(1, "datminmxid")
        .Same(DefaultTablespace, "dattablespace")
        .Same("C", "datcollate", "datctype")
        .Null("daticulocale", "datcollversion", "datacl")
        .Changing(view => [new DatabaseRow(view.Database)])
        .Build();

    /// <summary>The activity of the database, which is not counted.</summary>
    public static SqlTable CreateStatistics() => new CatalogTableBuilder<DatabaseRow>("pg_catalog", "pg_stat_database")
        .Column("datid", _ => ClassOids.Database)
        .Column("datname", row => row.Name)
        .OthersNull()
        .Changing(view => [new DatabaseRow(view.Database)])
        .Build();

    private sealed record DatabaseRow(string Name);
}
