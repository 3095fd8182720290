import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;

/** What pgjdbc finds in the catalogs, reads back and generates, one answer a line: Answers HOST PORT [simple] */
public class Answers {
    private static Connection connection;

    // Owners, the version and OIDs of objects differ from server to server.
    private static final Set<String> SKIPPED = Set.of("GRANTOR", "GRANTEE", "SPECIFIC_NAME", "CARDINALITY", "PAGES");

    interface Action {
        Object run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        var simple = arguments.length > 2 ? "&preferQueryMode=" + arguments[2] : "";
        connection = DriverManager.getConnection(
            "jdbc:postgresql://" + arguments[0] + ":" + arguments[1] + "/clients?user=postgres&options=-c%20rqlite.dialect=postgresql" + simple);
        var data = connection.getMetaData();
        metadata(data);
        statements();
        types();
        arrays();
        results();
        errors();
        connection.close();
    }

    private static void metadata(DatabaseMetaData data) throws Exception {
        show("getCatalogs", data.getCatalogs());
        show("getSchemas", data.getSchemas());
        show("getSchemas shop", data.getSchemas(null, "sh%"));
        show("getTableTypes", data.getTableTypes());
        show("getTables", data.getTables(null, "public", "%", null));
        show("getTables shop", data.getTables(null, "shop", "%", new String[] {"TABLE", "VIEW"}));
        show("getTables catalog", data.getTables(null, "pg_catalog", "pg_a%", new String[] {"SYSTEM TABLE"}));
        for (var table : new String[] {"customer", "product", "sale", "part", "empty\\_one", "cheap", "totals"}) {
            show("getColumns " + table, data.getColumns(null, "public", table, "%"));
            show("getPrimaryKeys " + table, data.getPrimaryKeys(null, "public", table));
            show("getImportedKeys " + table, data.getImportedKeys(null, "public", table));
            show("getExportedKeys " + table, data.getExportedKeys(null, "public", table));
            show("getIndexInfo " + table, data.getIndexInfo(null, "public", table, false, false));
            show("getIndexInfo unique " + table, data.getIndexInfo(null, "public", table, true, false));
            show("getBestRowIdentifier " + table, data.getBestRowIdentifier(null, "public", table, DatabaseMetaData.bestRowSession, true));
            show("getVersionColumns " + table, data.getVersionColumns(null, "public", table));
        }
        show("getColumns stock", data.getColumns(null, "shop", "stock", null));
        show("getCrossReference", data.getCrossReference(null, "public", "customer", null, "public", "sale"));
        show("getTablePrivileges", data.getTablePrivileges(null, "public", "customer"));
        show("getColumnPrivileges", data.getColumnPrivileges(null, "public", "customer", "id"));
        show("getUDTs", data.getUDTs(null, "public", "%", null));
        show("getTypeInfo", typesOfStandard(data.getTypeInfo()));
        show("getFunctions", data.getFunctions(null, "pg_catalog", "lower"));
        show("getFunctionColumns", data.getFunctionColumns(null, "pg_catalog", "left", "%"));
        show("getProcedures", data.getProcedures(null, "public", "%"));
        show("getProcedureColumns", data.getProcedureColumns(null, "public", "%", "%"));
        show("getClientInfoProperties", data.getClientInfoProperties());
        attempt("getMaxColumnNameLength", data::getMaxColumnNameLength);
        attempt("getDatabaseMajorVersion", data::getDatabaseMajorVersion);
        attempt("getDefaultTransactionIsolation", data::getDefaultTransactionIsolation);
        attempt("getMaxIndexKeys", data::getMaxColumnsInIndex);
        attempt("getStringFunctions", data::getStringFunctions);
        attempt("getSQLKeywords", () -> data.getSQLKeywords().length() > 100);
        attempt("getUserName", data::getUserName);
        attempt("catalog and schema", () -> connection.getCatalog() + " " + connection.getSchema());
    }

    // Types that are not built in have OIDs of their own, and not all that PostgreSQL has are here.
    private static List<String> typesOfStandard(ResultSet rows) throws Exception {
        var names = new ArrayList<String>();
        while (rows.next()) {
            if (Set.of("bool", "int2", "int4", "int8", "numeric", "text", "varchar", "bpchar", "bytea", "date", "timestamptz", "_int4", "uuid", "mood", "positive")
                    .contains(rows.getString(1))) {
                names.add(rows.getString(1) + " " + rows.getInt(2) + " " + rows.getInt(3) + " " + rows.getString(4) + rows.getString(5) + " " + rows.getInt(9));
            }
        }
        return names;
    }

    private static void statements() throws Exception {
        attempt("create", () -> run("create table thing (id serial primary key, name text unique, n numeric(8,2), at timestamptz default now())"));
        attempt("getGeneratedKeys", () -> {
            try (var insert = connection.prepareStatement("insert into thing (name, n) values (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
                insert.setString(1, "a");
                insert.setBigDecimal(2, new BigDecimal("1.5"));
                insert.executeUpdate();
                var keys = insert.getGeneratedKeys();
                keys.next();
                return keys.getInt("id") + " " + keys.getString("name") + " " + keys.getBigDecimal("n") + " " + (keys.getTimestamp("at") != null);
            }
        });
        attempt("keys by name", () -> {
            try (var insert = connection.prepareStatement("insert into thing (name) values (?)", new String[] {"id"})) {
                insert.setString(1, "b");
                insert.executeUpdate();
                return all(insert.getGeneratedKeys());
            }
        });
        attempt("batch", () -> {
            try (var insert = connection.prepareStatement("insert into thing (name, n) values (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
                for (var i = 0; i < 5; i++) {
                    insert.setString(1, "batch" + i);
                    insert.setDouble(2, i);
                    insert.addBatch();
                }
                return Arrays.toString(insert.executeBatch()) + " " + all(insert.getGeneratedKeys()).split("; ").length;
            }
        });
        attempt("statement batch", () -> {
            try (var batch = connection.createStatement()) {
                batch.addBatch("update thing set n = 7 where name = 'a'");
                batch.addBatch("update thing set n = 8 where name like 'batch%'");
                batch.addBatch("delete from thing where name = 'b'");
                return Arrays.toString(batch.executeBatch());
            }
        });
        attempt("batch with an error", () -> {
            try (var insert = connection.prepareStatement("insert into thing (name) values (?)")) {
                for (var name : new String[] {"x", "a", "y"}) {
                    insert.setString(1, name);
                    insert.addBatch();
                }
                try {
                    return Arrays.toString(insert.executeBatch());
                } catch (BatchUpdateException e) {
                    return Arrays.toString(e.getUpdateCounts()) + " " + e.getSQLState();
                }
            }
        });
        attempt("prepared often", () -> {
            try (var select = connection.prepareStatement("select id, name from thing where id = ? and name = ?")) {
                var found = 0;
                for (var i = 1; i <= 12; i++) {
                    select.setInt(1, i);
                    select.setString(2, "a");
                    try (var rows = select.executeQuery()) {
                        found += rows.next() ? 1 : 0;
                    }
                }
                return found;
            }
        });
        attempt("parameters", () -> {
            try (var select = connection.prepareStatement("select id from thing where name = ? and n > ? and at < ? and id = any(?)")) {
                var types = select.getParameterMetaData();
                var names = new ArrayList<String>();
                for (var i = 1; i <= types.getParameterCount(); i++) {
                    names.add(types.getParameterTypeName(i) + " " + types.getParameterType(i) + " " + types.getParameterClassName(i));
                }
                var columns = select.getMetaData();
                return names + " " + columns.getColumnName(1) + " " + columns.getColumnTypeName(1) + " " + columns.getTableName(1) + " "
                    + columns.isNullable(1) + " " + columns.isAutoIncrement(1);
            }
        });
        attempt("cursor", () -> {
            connection.setAutoCommit(false);
            try (var select = connection.prepareStatement("select name from thing order by id")) {
                select.setFetchSize(2);
                return all(select.executeQuery());
            } finally {
                connection.commit();
                connection.setAutoCommit(true);
            }
        });
        attempt("savepoint", () -> {
            connection.setAutoCommit(false);
            var savepoint = connection.setSavepoint("here");
            run("update thing set n = 0");
            connection.rollback(savepoint);
            connection.commit();
            connection.setAutoCommit(true);
            return query("select sum(n) from thing");
        });
        attempt("updatable", () -> {
            try (var statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
                var rows = statement.executeQuery("select id, name, n from thing where name = 'a'");
                rows.next();
                rows.updateBigDecimal("n", new BigDecimal("3.25"));
                rows.updateRow();
                rows.moveToInsertRow();
                rows.updateString("name", "inserted");
                rows.insertRow();
                return query("select name, n from thing where name in ('a', 'inserted') order by 1");
            }
        });
        attempt("escapes", () -> query("select {fn ucase('abc')}, {d '2024-02-29'}, {fn concat('a', 'b')}, {fn mod(7, 3)}"));
        attempt("several", () -> {
            try (var statement = connection.createStatement()) {
                statement.execute("select 1; update thing set n = 1 where name = 'a'; select 2");
                var first = all(statement.getResultSet());
                statement.getMoreResults();
                var count = statement.getUpdateCount();
                statement.getMoreResults();
                return first + " " + count + " " + all(statement.getResultSet());
            }
        });
        attempt("drop", () -> run("drop table thing"));
    }

    private static void types() throws Exception {
        Object[][] values = {
            {"boolean", true}, {"smallint", (short) 5}, {"integer", -7}, {"bigint", 1L << 40}, {"numeric", new BigDecimal("12345678901234567890.123")},
            {"real", 1.5f}, {"double precision", 1e-300}, {"text", "zwölf 'Boxer' \\ jagen"}, {"varchar", "v"}, {"bpchar", "c"}, {"bytea", new byte[] {0, 1, -1, 39}},
            {"date", LocalDate.of(2024, 2, 29)}, {"time", LocalTime.of(23, 59, 58, 123456000)}, {"timestamp", LocalDateTime.of(1999, 12, 31, 23, 59, 59)},
            {"timestamptz", OffsetDateTime.of(2024, 7, 1, 12, 0, 0, 0, ZoneOffset.UTC)}, {"uuid", UUID.fromString("12345678-1234-5678-1234-567812345678")},
        };
        run("create table typed (id integer generated always as identity, " + String.join(", ",
            Arrays.stream(values).map(v -> '"' + v[0].toString() + "\" " + v[0]).toList()) + ")");
        for (var value : values) {
            for (var round = 0; round < 2; round++) {
                var name = value[0].toString();
                attempt(name, () -> {
                    try (var insert = connection.prepareStatement("insert into typed (\"" + name + "\") values (?) returning \"" + name + "\"")) {
                        var text = "";
                        // From the fifth time on the driver names the statement and takes values in binary.
                        for (var i = 0; i < 7; i++) {
                            insert.setObject(1, value[1]);
                            var rows = insert.executeQuery();
                            rows.next();
                            text = value[1] instanceof byte[] ? Arrays.toString(rows.getBytes(1)) : rows.getObject(1, value[1].getClass()).toString();
                        }
                        return text + " " + query("select count(*) from typed where \"" + name + "\" is not null");
                    }
                });
            }
        }
        attempt("interval", () -> query("select '1 year 2 mons 3 days 04:05:06.7'::interval"));
        attempt("enum", () -> {
            try (var select = connection.prepareStatement("select ?::mood, 'ok'::mood = ?::mood")) {
                select.setString(1, "happy");
                select.setString(2, "ok");
                return all(select.executeQuery());
            }
        });
        attempt("json", () -> {
            try (var select = connection.prepareStatement("select ?::jsonb -> 'a', ?::json")) {
                select.setString(1, "{\"a\": [1, 2]}");
                select.setString(2, "[1]");
                return all(select.executeQuery());
            }
        });
        run("drop table typed");
    }

    private static void arrays() throws Exception {
        attempt("int array", () -> {
            try (var select = connection.prepareStatement("select ?, array_length(?, 1)")) {
                var array = connection.createArrayOf("int4", new Integer[] {1, null, 3});
                select.setArray(1, array);
                select.setArray(2, array);
                var rows = select.executeQuery();
                rows.next();
                return Arrays.toString((Object[]) rows.getArray(1).getArray()) + " " + rows.getInt(2) + " " + rows.getArray(1).getBaseTypeName();
            }
        });
        attempt("text array", () -> {
            try (var select = connection.prepareStatement("select ? || ?")) {
                select.setArray(1, connection.createArrayOf("text", new String[] {"a,b", "c\"d", null, ""}));
                select.setArray(2, connection.createArrayOf("text", new String[] {"e"}));
                var rows = select.executeQuery();
                rows.next();
                return Arrays.toString((Object[]) rows.getArray(1).getArray());
            }
        });
        attempt("nested array", () -> {
            var rows = connection.createStatement().executeQuery("select '{{1,2},{3,4}}'::int8[]");
            rows.next();
            return Arrays.deepToString((Object[]) rows.getArray(1).getArray());
        });
        attempt("enum array", () -> {
            try (var select = connection.prepareStatement("select ?")) {
                select.setArray(1, connection.createArrayOf("mood", new String[] {"ok", "sad"}));
                var rows = select.executeQuery();
                rows.next();
                return Arrays.toString((Object[]) rows.getArray(1).getArray()) + " " + rows.getMetaData().getColumnTypeName(1);
            }
        });
    }

    private static void results() throws Exception {
        attempt("columns", () -> {
            var rows = connection.createStatement().executeQuery("select * from customer, product where false");
            var columns = rows.getMetaData();
            var text = new StringBuilder();
            for (var i = 1; i <= columns.getColumnCount(); i++) {
                text.append("\n  ").append(String.join(" ", columns.getColumnName(i), columns.getColumnTypeName(i), "" + columns.getColumnType(i),
                    columns.getColumnClassName(i), "" + columns.getPrecision(i), "" + columns.getScale(i), "" + columns.isNullable(i),
                    "" + columns.isAutoIncrement(i), columns.getTableName(i), "" + columns.getColumnDisplaySize(i)));
            }
            return text;
        });
        attempt("timestamps", () -> {
            connection.createStatement().execute("set timezone = 'Europe/Berlin'");
            var rows = connection.createStatement().executeQuery("select timestamptz '2024-01-01 12:00+00', timestamp '2024-01-01 12:00', date '2024-01-01'");
            rows.next();
            return rows.getString(1) + " " + rows.getString(2) + " " + rows.getString(3) + " " + rows.getObject(1, OffsetDateTime.class).toInstant();
        });
    }

    private static void errors() {
        attempt("no table", () -> query("select * from nowhere"));
        attempt("syntax", () -> query("selec"));
        attempt("not null", () -> run("insert into customer (name) values (null)"));
        attempt("check", () -> {
            try {
                return run("insert into customer (name, age) values ('x', 300)");
            } catch (SQLException e) {
                return e.getSQLState();
            }
        });
        attempt("division", () -> query("select 1/0"));
        attempt("valid", () -> connection.isValid(5));
    }

    private static String run(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return "" + statement.executeUpdate(sql);
        }
    }

    private static String query(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            return all(statement.executeQuery(sql));
        }
    }

    private static String all(ResultSet rows) throws SQLException {
        var lines = new ArrayList<String>();
        while (rows.next()) {
            var values = new ArrayList<String>();
            for (var i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                values.add(rows.getString(i));
            }
            lines.add(String.join("|", values));
        }
        return String.join("; ", lines);
    }

    private static void show(String name, Object answer) throws Exception {
        System.out.println(name + ":");
        if (answer instanceof List<?> list) {
            list.forEach(line -> System.out.println("  " + line));
            return;
        }
        var rows = (ResultSet) answer;
        var columns = rows.getMetaData();
        while (rows.next()) {
            var values = new ArrayList<String>();
            for (var i = 1; i <= columns.getColumnCount(); i++) {
                if (!SKIPPED.contains(columns.getColumnLabel(i).toUpperCase()) && rows.getString(i) != null) {
                    values.add(columns.getColumnLabel(i) + "=" + rows.getString(i));
                }
            }
            System.out.println("  " + String.join(" ", values));
        }
    }

    private static void attempt(String name, Action action) {
        try {
            System.out.println(name + ": " + action.run());
        } catch (SQLException e) {
            System.out.println(name + ": " + e.getSQLState() + " " + e.getMessage().split("\n")[0]);
        } catch (Exception e) {
            System.out.println(name + ": " + e);
        }
    }
}
