"""Transactions through psycopg2 or psycopg 3: transactions.py MODULE LEADER_PORT PORT,PORT,PORT TABLE"""
import sys
import threading
import time

module, leader, ports, table = sys.argv[1], sys.argv[2], sys.argv[3].split(","), sys.argv[4]
three = module == "psycopg"
if three:
    import psycopg as driver
    from psycopg import IsolationLevel
    LEVELS = {"RC": IsolationLevel.READ_COMMITTED, "RR": IsolationLevel.REPEATABLE_READ, "SER": IsolationLevel.SERIALIZABLE}
    errors = driver.errors
else:
    import psycopg2 as driver
    from psycopg2 import extensions, errors
    LEVELS = {
        "RC": extensions.ISOLATION_LEVEL_READ_COMMITTED, "RR": extensions.ISOLATION_LEVEL_REPEATABLE_READ,
        "SER": extensions.ISOLATION_LEVEL_SERIALIZABLE,
    }


def connect(port=leader, **more):
    return driver.connect(host="localhost", port=port, user="postgres", dbname="postgres", connect_timeout=30, **more)


def value(connection, sql, *values):
    cursor = connection.cursor()
    cursor.execute(sql, values or None)
    row = cursor.fetchone()
    cursor.close()
    return row[0]


def run(connection, sql, *values):
    cursor = connection.cursor()
    cursor.execute(sql, values or None)
    count = cursor.rowcount
    cursor.close()
    return count


def fails(error, action):
    try:
        action()
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


def same(expected, actual):
    assert expected == actual, f"{expected!r} was expected, {actual!r} came"


def set_level(connection, level):
    if three:
        connection.isolation_level = LEVELS[level]
    else:
        connection.set_session(isolation_level=LEVELS[level])


def commit_and_rollback():
    for level in LEVELS:
        with_rows, without = connect(), connect()
        set_level(with_rows, level)
        start = value(without, f"select count(*) from {table}")
        without.commit()
        same(1, run(with_rows, f"insert into {table}(v, n) values (%s, 1)", "kept"))
        same(start, value(without, f"select count(*) from {table}"))
        without.commit()
        with_rows.commit()
        same(start + 1, value(without, f"select count(*) from {table}"))
        without.commit()
        run(with_rows, f"delete from {table}")
        with_rows.rollback()
        same(start + 1, value(without, f"select count(*) from {table}"))
        with_rows.close()
        without.close()


def savepoints():
    connection = connect()
    run(connection, f"insert into {table}(id, v) values (1000, 'a')")
    run(connection, "savepoint s")
    fails(errors.UniqueViolation, lambda: run(connection, f"insert into {table}(id, v) values (1000, 'b')"))
    fails(errors.InFailedSqlTransaction, lambda: run(connection, "select 1"))
    run(connection, "rollback to savepoint s")
    run(connection, f"insert into {table}(id, v) values (1001, 'c')")
    run(connection, "release savepoint s")
    if three:
        try:
            with connection.transaction():
                run(connection, f"insert into {table}(id, v) values (1002, 'd')")
                raise driver.Rollback()
        except driver.Rollback:
            pass
    connection.commit()
    same(2, value(connection, f"select count(*) from {table} where id between 1000 and 1002"))
    connection.close()


def autocommit():
    connection, other = connect(), connect()
    connection.autocommit = True
    other.autocommit = True
    run(connection, f"insert into {table}(id, v) values (2000, 'auto')")
    same("auto", value(other, f"select v from {table} where id = 2000"))
    connection.close()
    other.close()


def many_and_returning():
    connection = connect()
    cursor = connection.cursor()
    cursor.executemany(f"insert into {table}(id, v) values (%s, %s)", [(3000 + i, f"v{i}") for i in range(50)])
    if three:
        cursor.executemany(
            f"insert into {table}(id, v) values (%s, %s) returning id", [(3050 + i, "r") for i in range(5)], returning=True)
        ids = [cursor.fetchone()[0]]
        while cursor.nextset():
            ids.append(cursor.fetchone()[0])
        same(list(range(3050, 3055)), ids)
        with connection.pipeline():
            for i in range(10):
                connection.execute(f"insert into {table}(id, v) values (%s, 'p')", (3060 + i,))
    connection.commit()
    same(50, value(connection, f"select count(*) from {table} where id between 3000 and 3049"))
    cursor.execute(f"insert into {table}(v) values ('generated') returning id, v")
    identity, text = cursor.fetchone()
    same("generated", text)
    same(identity, value(connection, f"select id from {table} where v = 'generated'"))
    connection.rollback()
    connection.close()


def prepared():
    connection = connect()
    if three:
        connection.prepare_threshold = 2
        for i in range(10):
            run(connection, f"insert into {table}(id, v) values (%s, %s)", 4000 + i, f"v{i}")
            same(f"v{i}", value(connection, f"select v from {table} where id = %s", 4000 + i))
    else:
        run(connection, f"prepare add as insert into {table}(id, v) values ($1, 'x')")
        for i in range(10):
            run(connection, f"execute add({4000 + i})")
    same(10, value(connection, f"select count(*) from {table} where id between 4000 and 4009"))
    connection.commit()
    connection.close()


def retries():
    """Each adds to a number that it has read in a snapshot; who is too late begins again, and nothing is lost."""
    first = connect()
    run(first, f"insert into {table}(id, v, n) values (5000, 'total', 0)")
    first.commit()
    clients, times, again, troubles = 6, 10, [0], []

    def work():
        try:
            connection = connect()
            set_level(connection, "SER")
            for _ in range(times):
                while True:
                    try:
                        n = value(connection, f"select n from {table} where id = 5000")
                        run(connection, f"update {table} set n = %s where id = 5000", n + 1)
                        connection.commit()
                        break
                    except errors.SerializationFailure:
                        connection.rollback()
                        again[0] += 1
            connection.close()
        except Exception as e:
            troubles.append(repr(e))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same([], troubles)
    same(clients * times, value(first, f"select n from {table} where id = 5000"))
    first.close()
    print(f"{clients * times} increments, {again[0]} retries")


def read_only():
    connection = connect()
    if three:
        connection.read_only = True
    else:
        connection.set_session(readonly=True)
    value(connection, f"select count(*) from {table}")
    fails(errors.ReadOnlySqlTransaction, lambda: run(connection, f"insert into {table}(v) values ('no')"))
    connection.rollback()
    connection.close()


def cancel():
    endless = "with recursive c(n) as (select 1 union all select n + 1 from c where n < 100000000000) select count(*) from c"
    holder, connection = connect(), connect()
    # An idle holder lets others pass after a while, and the wait would end.
    run(holder, "set rqlite.writer_slice = 0")
    run(holder, f"insert into {table}(v) values ('held')")
    for sql in (endless, f"insert into {table}(v) values ('waits')"):
        stop = threading.Event()

        def nag():
            # Again and again, since a request that comes before the statement finds nothing to cancel.
            while not stop.wait(0.05):
                connection.cancel()

        nagging = threading.Thread(target=nag)
        nagging.start()
        try:
            fails(errors.QueryCanceled, lambda: run(connection, sql))
        finally:
            stop.set()
            nagging.join()
        for _ in range(100):
            # A last request may still be on its way.
            try:
                connection.rollback()
                value(connection, "select 1")
                break
            except errors.QueryCanceled:
                time.sleep(0.01)
    holder.rollback()
    holder.close()
    connection.close()


def target():
    hosts = ",".join(["localhost"] * len(ports))
    order = [p for p in ports if p != leader] + [leader]
    connection = driver.connect(
        host=hosts, port=",".join(order), user="postgres", dbname="postgres", target_session_attrs="read-write", connect_timeout=30)
    same(leader, str(connection.info.port))
    run(connection, f"insert into {table}(v) values ('found')")
    connection.commit()
    connection.close()


def any_node():
    """A block that writes, on each node in turn."""
    for i, port in enumerate(ports):
        connection = connect(port)
        run(connection, f"insert into {table}(id, v) values (%s, 'here')", 6000 + i)
        same("here", value(connection, f"select v from {table} where id = %s", 6000 + i))
        run(connection, "savepoint s")
        run(connection, f"delete from {table} where id = %s", 6000 + i)
        run(connection, "rollback to savepoint s")
        connection.commit()
        same("here", value(connection, f"select v from {table} where id = %s", 6000 + i))
        connection.rollback()
        connection.close()


failed = 0
for test in (commit_and_rollback, savepoints, autocommit, many_and_returning, prepared, retries, read_only, cancel, target, any_node):
    try:
        test()
        print(f"ok {test.__name__}")
    except Exception as e:
        failed += 1
        import traceback
        traceback.print_exc()
        print(f"FAILED {test.__name__}: {e!r}")
sys.exit(1 if failed else 0)
