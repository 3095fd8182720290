import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Transactions through pgjdbc: Transactions LEADER_PORT PORT,PORT,PORT TABLE */
public class Transactions {
    static String leader;
    static String[] ports;
    static String table;

    interface Action {
        void run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        leader = arguments[0];
        ports = arguments[1].split(",");
        table = arguments[2];
        int failed = 0;
        failed += check("commitAndRollback", Transactions::commitAndRollback);
        failed += check("savepoints", Transactions::savepoints);
        failed += check("autocommit", Transactions::autocommit);
        failed += check("batches", Transactions::batches);
        failed += check("generatedKeys", Transactions::generatedKeys);
        failed += check("serverPrepared", Transactions::serverPrepared);
        failed += check("fetchSize", Transactions::fetchSize);
        failed += check("retries", Transactions::retries);
        failed += check("readOnly", Transactions::readOnly);
        failed += check("cancel", Transactions::cancel);
        failed += check("target", Transactions::target);
        failed += check("anyNode", Transactions::anyNode);
        System.exit(failed == 0 ? 0 : 1);
    }

    static int check(String name, Action action) {
        try {
            action.run();
            System.out.println("ok " + name);
            return 0;
        } catch (Throwable e) {
            e.printStackTrace();
            System.out.println("FAILED " + name + ": " + e);
            return 1;
        }
    }

    static Connection connect(String hosts, String... more) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("loginTimeout", "30");
        properties.setProperty("socketTimeout", "60");
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return DriverManager.getConnection("jdbc:postgresql://" + hosts + "/postgres", properties);
    }

    static Connection connect() throws SQLException {
        return connect("localhost:" + leader);
    }

    static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    static long value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    static void same(Object expected, Object actual) {
        if (!expected.equals(actual)) {
            throw new AssertionError(expected + " was expected, " + actual + " came");
        }
    }

    static void fails(String state, Action action) throws Exception {
        try {
            action.run();
        } catch (SQLException e) {
            if (!state.equals(e.getSQLState())) {
                throw e;
            }
            return;
        }
        throw new AssertionError(state + " was expected");
    }

    static void commitAndRollback() throws Exception {
        int[] levels = {
            Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE };
        for (int level : levels) {
            try (Connection connection = connect(); Connection other = connect()) {
                connection.setTransactionIsolation(level);
                same(level, connection.getTransactionIsolation());
                connection.setAutoCommit(false);
                long before = value(other, "select count(*) from " + table);
                same(1, run(connection, "insert into " + table + "(v, n) values ('kept', 1)"));
                same(before, value(other, "select count(*) from " + table));
                connection.commit();
                same(before + 1, value(other, "select count(*) from " + table));
                run(connection, "delete from " + table);
                connection.rollback();
                same(before + 1, value(other, "select count(*) from " + table));
            }
        }
    }

    static void savepoints() throws Exception {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            run(connection, "insert into " + table + "(id, v) values (1000, 'a')");
            Savepoint savepoint = connection.setSavepoint("S 1");
            fails("23505", () -> run(connection, "insert into " + table + "(id, v) values (1000, 'b')"));
            fails("25P02", () -> value(connection, "select 1"));
            connection.rollback(savepoint);
            run(connection, "insert into " + table + "(id, v) values (1001, 'c')");
            connection.releaseSavepoint(savepoint);
            Savepoint unnamed = connection.setSavepoint();
            run(connection, "insert into " + table + "(id, v) values (1002, 'd')");
            connection.rollback(unnamed);
            connection.commit();
            same(2L, value(connection, "select count(*) from " + table + " where id between 1000 and 1002"));
        }
        try (Connection connection = connect("localhost:" + leader, "autosave", "always")) {
            connection.setAutoCommit(false);
            run(connection, "insert into " + table + "(id, v) values (1010, 'a')");
            fails("23505", () -> run(connection, "insert into " + table + "(id, v) values (1010, 'b')"));
            run(connection, "insert into " + table + "(id, v) values (1011, 'c')");
            connection.commit();
            same(2L, value(connection, "select count(*) from " + table + " where id between 1010 and 1011"));
        }
    }

    static void autocommit() throws Exception {
        try (Connection connection = connect(); Connection other = connect("localhost:" + leader, "preferQueryMode", "simple")) {
            run(connection, "insert into " + table + "(id, v) values (2000, 'auto')");
            same(1L, value(other, "select count(*) from " + table + " where id = 2000"));
            run(other, "insert into " + table + "(id, v) values (2001, 'simple')");
            same(2L, value(connection, "select count(*) from " + table + " where id in (2000, 2001)"));
        }
    }

    static void batches() throws Exception {
        try (Connection connection = connect()) {
            for (boolean auto : new boolean[] { true, false }) {
                connection.setAutoCommit(auto);
                int first = auto ? 3000 : 3500;
                try (PreparedStatement insert = connection.prepareStatement("insert into " + table + "(id, v) values (?, ?)")) {
                    for (int i = 0; i < 300; i++) {
                        insert.setInt(1, first + i);
                        insert.setString(2, "v" + i);
                        insert.addBatch();
                    }
                    int[] counts = insert.executeBatch();
                    same(300, counts.length);
                    for (int count : counts) {
                        same(1, count);
                    }
                    insert.setInt(1, first + 400);
                    insert.setString(2, "new");
                    insert.addBatch();
                    insert.setInt(1, first);
                    insert.setString(2, "there already");
                    insert.addBatch();
                    fails("23505", () -> insert.executeBatch());
                }
                if (!auto) {
                    connection.rollback();
                }
                same(auto ? 300L : 0L, value(connection, "select count(*) from " + table + " where id between " + first + " and " + (first + 499)));
                if (!auto) {
                    connection.commit();
                }
            }
        }
        try (Connection connection = connect("localhost:" + leader, "reWriteBatchedInserts", "true");
                PreparedStatement insert = connection.prepareStatement("insert into " + table + "(id, v) values (?, ?)")) {
            for (int i = 0; i < 100; i++) {
                insert.setInt(1, 3900 + i);
                insert.setString(2, "rewritten");
                insert.addBatch();
            }
            same(100, insert.executeBatch().length);
            same(100L, value(connection, "select count(*) from " + table + " where id between 3900 and 3999"));
        }
    }

    static void generatedKeys() throws Exception {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("insert into " + table + "(v) values (?)", new String[] { "id" })) {
                insert.setString(1, "generated");
                same(1, insert.executeUpdate());
                try (ResultSet keys = insert.getGeneratedKeys()) {
                    same(true, keys.next());
                    same(value(connection, "select id from " + table + " where v = 'generated'"), keys.getLong(1));
                }
            }
            try (PreparedStatement update = connection.prepareStatement("update " + table + " set n = 7 where v = ? returning id, n")) {
                update.setString(1, "generated");
                try (ResultSet rows = update.executeQuery()) {
                    same(true, rows.next());
                    same(7, rows.getInt("n"));
                }
            }
            connection.rollback();
        }
    }

    static void serverPrepared() throws Exception {
        try (Connection connection = connect("localhost:" + leader, "prepareThreshold", "2")) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("insert into " + table + "(id, v, n) values (?, ?, ?)");
                    PreparedStatement select = connection.prepareStatement("select v, n from " + table + " where id = ?")) {
                for (int i = 0; i < 20; i++) {
                    insert.setInt(1, 4000 + i);
                    insert.setString(2, "v" + i);
                    insert.setInt(3, i);
                    same(1, insert.executeUpdate());
                    select.setInt(1, 4000 + i);
                    try (ResultSet rows = select.executeQuery()) {
                        rows.next();
                        same("v" + i, rows.getString(1));
                        same(i, rows.getInt(2));
                    }
                    if (i % 5 == 4) {
                        connection.commit();
                    }
                }
            }
            same(20L, value(connection, "select count(*) from " + table + " where id between 4000 and 4019"));
            connection.rollback();
        }
    }

    static void fetchSize() throws Exception {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.setFetchSize(10);
            int count = 0;
            try (ResultSet rows = statement.executeQuery("select id from " + table + " where id between 3000 and 3299 order by id")) {
                while (rows.next()) {
                    same(3000 + count++, rows.getInt(1));
                }
            }
            same(300, count);
            connection.commit();
        }
    }

    static void retries() throws Exception {
        final int clients = 6;
        final int times = 10;
        AtomicInteger again = new AtomicInteger();
        List<Throwable> troubles = Collections.synchronizedList(new ArrayList<>());
        try (Connection first = connect()) {
            run(first, "insert into " + table + "(id, v, n) values (5000, 'total', 0)");
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                Thread thread = new Thread(() -> {
                    try (Connection connection = connect()) {
                        connection.setAutoCommit(false);
                        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                        for (int done = 0; done < times;) {
                            try {
                                long n = value(connection, "select n from " + table + " where id = 5000");
                                run(connection, "update " + table + " set n = " + (n + 1) + " where id = 5000");
                                connection.commit();
                                done++;
                            } catch (SQLException e) {
                                if (!"40001".equals(e.getSQLState())) {
                                    throw e;
                                }
                                again.incrementAndGet();
                                connection.rollback();
                            }
                        }
                    } catch (Throwable e) {
                        troubles.add(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            same("[]", troubles.toString());
            same((long) clients * times, value(first, "select n from " + table + " where id = 5000"));
        }
        System.out.println(clients * times + " increments, " + again.get() + " retries");
    }

    static void readOnly() throws Exception {
        try (Connection connection = connect()) {
            connection.setReadOnly(true);
            connection.setAutoCommit(false);
            value(connection, "select count(*) from " + table);
            fails("25006", () -> run(connection, "insert into " + table + "(v) values ('no')"));
            connection.rollback();
        }
    }

    static void cancel() throws Exception {
        String endless = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 100000000000) select count(*) from c";
        try (Connection holder = connect(); Connection connection = connect()) {
            holder.setAutoCommit(false);
            connection.setAutoCommit(false);
            // An idle holder lets others pass after a while, and the wait would end.
            run(holder, "set rqlite.writer_slice = 0");
            run(holder, "insert into " + table + "(v) values ('held')");
            for (String sql : new String[] { endless, "insert into " + table + "(v) values ('waits')" }) {
                try (Statement statement = connection.createStatement()) {
                    AtomicBoolean stop = new AtomicBoolean();
                    // Again and again, since a request that comes before the statement finds nothing to cancel.
                    Thread nagging = new Thread(() -> {
                        try {
                            while (!stop.get()) {
                                Thread.sleep(50);
                                statement.cancel();
                            }
                        } catch (Exception e) {
                            throw new IllegalStateException(e);
                        }
                    });
                    nagging.start();
                    try {
                        fails("57014", () -> statement.execute(sql));
                    } finally {
                        stop.set(true);
                        nagging.join();
                    }
                }
                connection.rollback();
                same(1L, value(connection, "select 1"));
                connection.rollback();
            }
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                fails("57014", () -> statement.execute(endless));
            }
            connection.rollback();
            holder.rollback();
        }
    }

    static void target() throws Exception {
        StringBuilder hosts = new StringBuilder();
        for (String port : ports) {
            if (!port.equals(leader)) {
                hosts.append("localhost:").append(port).append(',');
            }
        }
        hosts.append("localhost:").append(leader);
        try (Connection connection = connect(hosts.toString(), "targetServerType", "primary")) {
            same(1, run(connection, "insert into " + table + "(v) values ('found')"));
        }
    }

    static void anyNode() throws Exception {
        for (int i = 0; i < ports.length; i++) {
            try (Connection connection = connect("localhost:" + ports[i])) {
                connection.setAutoCommit(false);
                int id = 6000 + i;
                run(connection, "insert into " + table + "(id, v) values (" + id + ", 'here')");
                Savepoint savepoint = connection.setSavepoint();
                run(connection, "delete from " + table + " where id = " + id);
                connection.rollback(savepoint);
                connection.commit();
                same(1L, value(connection, "select count(*) from " + table + " where id = " + id));
                connection.commit();
            }
        }
    }
}
