using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

public sealed class CatalogOracleTests : IAsyncLifetime
{
    /// <summary>Columns that differ from PostgreSQL's, with the reason.</summary>
    private static readonly Dictionary<string, string> s_different = new()
    {
        ["pg_catalog.pg_class.reltoastrelid"] = "there is no TOAST",
        ["pg_catalog.pg_class.relfrozenxid"] = "there are no transaction ids",
        ["pg_catalog.pg_namespace.nspacl"] = "privileges are not kept",
        ["pg_catalog.pg_authid.rolpassword"] = "passwords are not kept",
        ["information_schema.tables.is_insertable_into"] = "views cannot be written to",
        ["information_schema.views.is_updatable"] = "views cannot be written to",
        ["information_schema.views.is_insertable_into"] = "views cannot be written to",
        ["information_schema.columns.is_updatable"] = "views cannot be written to",
    };

    private readonly CatalogDatabase _database = new();
    private readonly Dictionary<string, string> _oids = [];

    public static TheoryData<string> Relations => new(RecordedCatalog.Load().Relations.Keys);

    public async Task InitializeAsync()
    {
        await TestSchema.CreateAsync(_database);
        await ReadOidsAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [MemberData(nameof(Relations))]
    public async Task A_relation_has_the_rows_of_postgresql(string relation)
    {
        var recorded = RecordedCatalog.Load();
        var (columns, _) = recorded.Relations[relation];
        string[] compared = [.. columns.Where(column => !s_different.ContainsKey($"{relation}.{column}"))];
        var parts = relation.Split('.');
        var rows = (await _database.RowsAsync(parts[0], parts[1])).Where(row => Belongs(relation, columns, row)).ToList();
        var expected = recorded.Rows(relation, compared);
        var actual = RecordedCatalog.Named(relation, columns, rows, compared, _oids);
        string[] missing = [.. expected.Except(actual)];
        string[] added = [.. actual.Except(expected)];
        Assert.True(
            missing.Length + added.Length == 0,
            $"{missing.Length} missing:\n{string.Join('\n', missing.Take(5))}\n{added.Length} added:\n{string.Join('\n', added.Take(5))}");
        Assert.Equal(expected.Length, actual.Length);
    }

    [Fact]
    public async Task Rows_that_are_found_by_several_keys_are_told_apart()
    {
        const string Find = "SELECT group_concat(relname || '.' || attname, ' ') FROM (SELECT c.relname, a.attname FROM _pg_catalog_pg_attribute a "
            + "JOIN _pg_catalog_pg_class c ON c.oid = a.attrelid WHERE (a.attrelid = 1259 AND a.attnum = 1) OR (a.attrelid = 1247 AND a.attnum = 1) "
            + "OR (a.attrelid = 1247 AND a.attnum < 2 AND a.attnum > 0) ORDER BY 1, 2)";
        Assert.Equal("pg_class.oid pg_type.oid", await _database.QueryAsync(Find));
    }

    [Fact]
    public async Task Every_relation_can_be_selected_with_all_its_columns()
    {
        // The one that is left out is the cluster's.
        foreach (var relation in SystemRelations.All.Where(static relation => relation.Name != "pg_stat_replication"))
        {
            var columns = string.Join(", ", relation.Columns.Select(column => $"\"{column.Name}\""));
            var answer = await _database.QueryAsync($"SELECT count(*) FROM (SELECT {columns}, tableoid FROM \"{relation.SqliteName}\")");
            Assert.True(long.TryParse(answer, out _), $"{relation.Name}: {answer}");
        }
    }

    /// <summary>True for the rows that were recorded: those of the schema's own objects, and some that every database has.</summary>
    private bool Belongs(string relation, string[] columns, string?[] row)
    {
        string? Value(string column) => row[Array.IndexOf(columns, column)];
        bool Own(string column) => uint.Parse(Value(column)!) >= 16384;
        bool InSchema(string column) => Value(column) is "app" or "public";
        return relation switch
        {
            "pg_catalog.pg_class" => Own("oid"),
            "pg_catalog.pg_attribute" => Own("attrelid"),
            "pg_catalog.pg_type" => Own("oid") || (uint.Parse(Value("oid")!) < 12000 && Value("typtype") != "c" && !IsRow(Value("typelem")!)),
            "pg_catalog.pg_constraint" => true,
            "pg_catalog.pg_description" => Own("objoid"),
            "pg_catalog.pg_tables" or "pg_catalog.pg_views" => InSchema("schemaname"),
            "pg_catalog.pg_proc" => Value("proname") is "lower" or "generate_series" or "make_interval" or "pg_options_to_table" or "jsonb_path_query"
                or "sum" or "row_number" or "format" or "now" or "int4pl" or "array_append" or "json_object" or "random" or "pg_size_pretty",
            "pg_catalog.pg_operator" => Value("oprname") is "||" or "@>" or "+" or "~~",
            "pg_catalog.pg_cast" => Value("castsource") is "23" or "25" or "1043" or "1700",
            "pg_catalog.pg_aggregate" => Value("aggfnoid") is "2108" or "2147" or "2803" or "2100",
            "information_schema.tables" or "information_schema.columns" or "information_schema.views" or "information_schema.column_udt_usage"
                or "information_schema.column_domain_usage" or "information_schema.table_privileges" or "information_schema.role_table_grants"
                or "information_schema.column_privileges" => InSchema("table_schema"),
            "information_schema.table_constraints" or "information_schema.check_constraints" => InSchema("constraint_schema"),
            "information_schema.element_types" or "information_schema.data_type_privileges" => InSchema("object_schema"),
            "information_schema.routines" => Value("routine_name") is "lower" or "generate_series" or "sum" or "format",
            "information_schema.parameters" => Value("specific_name")![..Value("specific_name")!.LastIndexOf('_')]
                is "make_interval" or "pg_options_to_table" or "lower" or "format",
            _ => true,
        };
    }

    // The row type of a relation of the catalogs.
    private static bool IsRow(string type) => SystemRelations.All.Any(relation => relation.RowType.ToString() == type);

    private async Task ReadOidsAsync()
    {
        async Task NameAsync(string sql)
        {
            foreach (var row in (await _database.QueryAsync(sql)).Split(';'))
            {
                var parts = row.Split('|');
                _oids[parts[0]] = parts[1];
            }
        }

        await NameAsync("SELECT oid, 'schema ' || nspname FROM _pg_catalog_pg_namespace WHERE oid >= 16384");
        await NameAsync("SELECT c.oid, 'relation ' || nspname || '.' || relname FROM _pg_catalog_pg_class c, _pg_catalog_pg_namespace n WHERE n.oid = relnamespace AND c.oid >= 16384");
        await NameAsync("SELECT t.oid, 'type ' || nspname || '.' || typname FROM _pg_catalog_pg_type t, _pg_catalog_pg_namespace n WHERE n.oid = typnamespace AND t.oid >= 16384");
        await NameAsync("SELECT oid, 'constraint ' || conname FROM _pg_catalog_pg_constraint WHERE oid >= 16384");
        await NameAsync("SELECT d.oid, 'default ' || relname || '.' || adnum FROM _pg_catalog_pg_attrdef d, _pg_catalog_pg_class c WHERE c.oid = adrelid");
        await NameAsync("SELECT r.oid, 'rule ' || relname FROM _pg_catalog_pg_rewrite r, _pg_catalog_pg_class c WHERE c.oid = ev_class");
        await NameAsync("SELECT oid, 'label ' || enumlabel FROM _pg_catalog_pg_enum");
    }
}
