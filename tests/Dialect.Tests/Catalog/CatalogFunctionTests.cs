using Rqlite.Pg.Dialect.Data;

namespace Rqlite.Pg.Dialect.Tests.Catalog;

/// <summary>The functions about catalogs, over the schema of Data/schema.sql; the answers are PostgreSQL 15's.</summary>
public sealed class CatalogFunctionTests : IAsyncLifetime
{
    private readonly CatalogDatabase _database = new();

    public async Task InitializeAsync() => await TestSchema.CreateAsync(_database);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("format_type(oid,integer)", "1700, 786439", "numeric(12,3)")]
    [InlineData("format_type(oid,integer)", "{type:mood}, -1", "app.mood")]
    [InlineData("format_type(oid,integer)", "{type:_mood}, NULL", "app.mood[]")]
    [InlineData("format_type(oid,integer)", "{type:code}, NULL", "code")]
    [InlineData("format_type(oid,integer)", "99999, NULL", "???")]
    [InlineData("format_type(oid,integer)", "NULL, 3", "NULL")]
    [InlineData("pg_get_userbyid(oid)", "10", "postgres")]
    [InlineData("pg_get_userbyid(oid)", "6171", "pg_database_owner")]
    [InlineData("pg_get_userbyid(oid)", "99", "unknown (OID=99)")]
    [InlineData("pg_table_is_visible(oid)", "{class:orders}", "1")]
    [InlineData("pg_table_is_visible(oid)", "{class:customers}", "0")]
    [InlineData("pg_table_is_visible(oid)", "1", "NULL")]
    [InlineData("pg_type_is_visible(oid)", "{type:mood}", "0")]
    [InlineData("pg_type_is_visible(oid)", "23", "1")]
    [InlineData("pg_function_is_visible(oid)", "870", "1")]
    [InlineData("to_regclass(text)", "'orders'", "{class:orders}")]
    [InlineData("to_regclass(text)", "'app.customers'", "{class:customers}")]
    [InlineData("to_regclass(text)", "' APP . \"customers\" '", "{class:customers}")]
    [InlineData("to_regclass(text)", "'customers'", "NULL")]
    [InlineData("to_regclass(text)", "'pg_class'", "1259")]
    [InlineData("to_regclass(text)", "'information_schema.tables'", "13425")]
    [InlineData("to_regclass(text)", "'a.b.c'", "0A000: cross-database references are not implemented: \"a.b.c\"")]
    [InlineData("to_regclass(text)", "'\"'", "42602: invalid name syntax")]
    [InlineData("to_regtype(text)", "'timestamp(3) with time zone'", "1184")]
    [InlineData("to_regtype(text)", "'app.mood[]'", "{type:_mood}")]
    [InlineData("to_regtype(text)", "'nothing'", "NULL")]
    [InlineData("to_regproc(text)", "'now'", "1299")]
    [InlineData("to_regproc(text)", "'lower'", "NULL")]
    [InlineData("to_regprocedure(text)", "'lower(text)'", "870")]
    [InlineData("to_regprocedure(text)", "'pg_catalog.substr( text , int )'", "883")]
    [InlineData("to_regoperator(text)", "'+(integer,integer)'", "551")]
    [InlineData("to_regnamespace(text)", "'app'", "{namespace:app}")]
    [InlineData("to_regrole(text)", "'postgres'", "10")]
    [InlineData("to_regcollation(text)", "'\"C\"'", "950")]
    [InlineData("obj_description(oid,name)", "{class:customers}, 'pg_class'", "Who buys")]
    [InlineData("obj_description(oid,name)", "{class:customers}, 'pg_type'", "NULL")]
    [InlineData("obj_description(oid)", "{type:mood}", "How it is")]
    [InlineData("col_description(oid,integer)", "{class:customers}, 3", "Where to write")]
    [InlineData("pg_get_serial_sequence(text,text)", "'app.customers', 'id'", "app.customers_id_seq")]
    [InlineData("pg_get_serial_sequence(text,text)", "'orders', 'id'", "public.orders_id_seq")]
    [InlineData("pg_get_serial_sequence(text,text)", "'orders', 'flag'", "NULL")]
    [InlineData("pg_get_serial_sequence(text,text)", "'orders', 'x'", "42703: column \"x\" of relation \"orders\" does not exist")]
    [InlineData("pg_get_serial_sequence(text,text)", "'x', 'x'", "42P01: relation \"x\" does not exist")]
    [InlineData("pg_get_constraintdef(oid)", "{constraint:lines_order_id_fkey}", "FOREIGN KEY (order_id) REFERENCES orders(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED")]
    [InlineData("pg_get_constraintdef(oid)", "{constraint:lines_parent}", "FOREIGN KEY (parent, parent_place) REFERENCES lines(order_id, place) ON UPDATE SET DEFAULT ON DELETE SET NULL")]
    [InlineData("pg_get_constraintdef(oid)", "{constraint:orders_customer_fkey}", "FOREIGN KEY (customer) REFERENCES app.customers(id) ON UPDATE CASCADE ON DELETE RESTRICT")]
    [InlineData("pg_get_constraintdef(oid)", "{constraint:price_check}", "CHECK ((VALUE >= (0)::numeric))")]
    [InlineData("pg_get_constraintdef(oid,boolean)", "{constraint:lines_key}, 1", "PRIMARY KEY (order_id, place)")]
    [InlineData("pg_get_indexdef(oid)", "{class:lines_pattern}", "CREATE UNIQUE INDEX lines_pattern ON public.lines USING btree (title varchar_pattern_ops, article COLLATE \"POSIX\") INCLUDE (quantity)")]
    [InlineData("pg_get_indexdef(oid,integer,boolean)", "{class:lines_lower}, 0, 1", "CREATE INDEX lines_lower ON lines USING btree (lower(title::text), (quantity + 1) DESC) WHERE quantity > 0")]
    [InlineData("pg_get_indexdef(oid,integer,boolean)", "{class:lines_lower}, 2, 0", "((quantity + 1))")]
    [InlineData("pg_get_indexdef(oid,integer,boolean)", "{class:lines_title}, 1, 0", "title")]
    [InlineData("pg_get_indexdef(oid)", "{class:lines}", "NULL")]
    [InlineData("pg_get_viewdef(oid)", "{class:plain}", " SELECT lines.order_id,\n    lines.place,\n    lines.quantity\n   FROM lines;")]
    [InlineData("pg_get_viewdef(text)", "'orders'", "Not a view")]
    [InlineData("pg_get_expr(pg_node_tree,oid)", "'(1 + 1)', 5", "NULL")]
    [InlineData("pg_get_expr(pg_node_tree,oid)", "'(1 + 1)', 0", "(1 + 1)")]
    [InlineData("pg_get_expr(pg_node_tree,oid,boolean)", "'((1 + 1) * 2), (''a''::text || ''b''::text)', 0, 1", "(1 + 1) * 2, 'a'::text || 'b'::text")]
    [InlineData("pg_get_expr(pg_node_tree,oid,boolean)", "'((quantity > 0) AND (title IS NULL))', {class:lines}, 1", "quantity > 0 AND title IS NULL")]
    [InlineData("pg_get_function_arguments(oid)", "3464", "years integer DEFAULT 0, months integer DEFAULT 0, weeks integer DEFAULT 0, days integer DEFAULT 0, hours integer DEFAULT 0, mins integer DEFAULT 0, secs double precision DEFAULT 0.0")]
    [InlineData("pg_get_function_arguments(oid)", "2289", "options_array text[], OUT option_name text, OUT option_value text")]
    [InlineData("pg_get_function_identity_arguments(oid)", "2289", "options_array text[]")]
    [InlineData("pg_get_function_result(oid)", "1067", "SETOF integer")]
    [InlineData("oidvectortypes(oidvector)", "'23 1700 25'", "integer, numeric, text")]
    [InlineData("current_database()", "", "catalog")]
    [InlineData("current_schema()", "", "public")]
    [InlineData("current_schemas(boolean)", "1", "[\"pg_catalog\",\"public\"]")]
    [InlineData("current_schemas(boolean)", "0", "[\"public\"]")]
    [InlineData("current_setting(text)", "'datestyle'", "ISO, MDY")]
    [InlineData("current_setting(text)", "'none.such'", "42704: unrecognized configuration parameter \"none.such\"")]
    [InlineData("current_setting(text,boolean)", "'none.such', 1", "NULL")]
    [InlineData("pg_backend_pid()", "", "42")]
    [InlineData("pg_encoding_to_char(integer)", "6", "UTF8")]
    [InlineData("pg_char_to_encoding(name)", "'utf-8'", "6")]
    [InlineData("pg_char_to_encoding(name)", "'nothing'", "-1")]
    [InlineData("has_table_privilege(text,text)", "'orders', 'select, INSERT with grant option'", "1")]
    [InlineData("has_table_privilege(text,text)", "'orders', 'fly'", "22023: unrecognized privilege type: \"fly\"")]
    [InlineData("has_table_privilege(name,text,text)", "'nobody', 'orders', 'SELECT'", "42704: role \"nobody\" does not exist")]
    [InlineData("has_table_privilege(oid,text)", "1, 'SELECT'", "NULL")]
    [InlineData("has_schema_privilege(text,text)", "'app', 'USAGE'", "1")]
    [InlineData("has_schema_privilege(text,text)", "'nope', 'USAGE'", "3F000: schema \"nope\" does not exist")]
    [InlineData("has_database_privilege(text,text)", "'catalog', 'CREATE'", "1")]
    [InlineData("has_column_privilege(text,text,text)", "'orders', 'flag', 'UPDATE'", "1")]
    [InlineData("has_column_privilege(text,text,text)", "'orders', 'x', 'UPDATE'", "42703: column \"x\" of relation \"orders\" does not exist")]
    [InlineData("has_sequence_privilege(text,text)", "'orders', 'USAGE'", "42809: \"orders\" is not a sequence")]
    [InlineData("pg_has_role(name,text)", "'pg_monitor', 'MEMBER'", "1")]
    [InlineData("pg_relation_size(regclass)", "{class:orders}", "NULL")]
    [InlineData("pg_relation_is_updatable(regclass,boolean)", "{class:orders}, 0", "28")]
    [InlineData("pg_describe_object(oid,oid,integer)", "1259, {class:customers}, 3", "column email of table app.customers")]
    [InlineData("pg_describe_object(oid,oid,integer)", "2606, {constraint:orders_check}, 0", "constraint orders_check on table orders")]
    public async Task A_function_answers_as_postgresql(string signature, string arguments, string expected)
    {
        var answer = await _database.QueryAsync($"SELECT {Sql(signature)}({await ResolveAsync(arguments)})");
        Assert.Equal(await ResolveAsync(expected), answer);
    }

    [Fact]
    public async Task Sequences_are_drawn_from_by_oid()
    {
        var oid = await ResolveAsync("{class:counter}");
        await _database.ApplyAsync($"SELECT nextval(pg_sequence_name({oid}))");
        Assert.Equal("1", await _database.QueryAsync(
            "SELECT count(*) FROM _pg_catalog_pg_sequences WHERE sequencename = 'counter' AND last_value = 20 AND data_type = 21"));
        Assert.Equal("20", await _database.QueryAsync($"SELECT {Sql("pg_sequence_last_value(regclass)")}({oid})"));
        Assert.Equal("42809: \"orders\" is not a sequence", await _database.QueryAsync($"SELECT pg_sequence_name({await ResolveAsync("{class:orders}")})"));
    }

    [Fact]
    public async Task Settings_show_the_session_s_values_in_their_units()
    {
        Assert.Equal("8192|kB|session|4096", await _database.QueryAsync(
            "SELECT setting, unit, source, boot_val FROM _pg_catalog_pg_settings WHERE name = 'work_mem'"));
        Assert.Equal("weak|Customized Options", await _database.QueryAsync(
            "SELECT setting, category FROM _pg_catalog_pg_settings WHERE name = 'rqlite.consistency'"));
    }

    [Fact]
    public async Task Names_are_qualified_where_the_search_path_does_not_lead_to_them()
    {
        _database.Caller = CatalogDatabase.Session("me", "mine", "app");
        Assert.Equal("1", await _database.QueryAsync($"SELECT {Sql("pg_table_is_visible(oid)")}({await ResolveAsync("{class:customers}")})"));
        Assert.Equal("FOREIGN KEY (customer) REFERENCES customers(id) ON UPDATE CASCADE ON DELETE RESTRICT", await _database.QueryAsync(
            $"SELECT {Sql("pg_get_constraintdef(oid)")}({await ResolveAsync("{constraint:orders_customer_fkey}")})"));
        Assert.Equal("me|me|1", await _database.QueryAsync($"SELECT rolname, {Sql("pg_get_userbyid(oid)")}(oid), rolsuper FROM _pg_catalog_pg_roles WHERE oid = 10"));
        Assert.Equal("mine", await _database.QueryAsync("SELECT datname FROM _pg_catalog_pg_database"));
    }

    private static string Sql(string signature) => Builtins.FindFunction(signature)!.SqliteName;

    /// <summary>Puts OIDs for <c>{class:name}</c>, <c>{type:name}</c>, <c>{constraint:name}</c> and <c>{namespace:name}</c>.</summary>
    private async Task<string> ResolveAsync(string text)
    {
        foreach (var (kind, prefix) in new[] { ("class", "rel"), ("type", "typ"), ("constraint", "con"), ("namespace", "nsp") })
        {
            while (text.IndexOf($"{{{kind}:", StringComparison.Ordinal) is var start and >= 0)
            {
                var end = text.IndexOf('}', start);
                var name = text[(start + kind.Length + 2)..end];
                text = text[..start] + await _database.QueryAsync($"SELECT oid FROM _pg_catalog_pg_{kind} WHERE {prefix}name = '{name}'") + text[(end + 1)..];
            }
        }

        return text;
    }
}
