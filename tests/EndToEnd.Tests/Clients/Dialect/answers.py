"""What psycopg2 or psycopg 3 reads back, adapts and looks up, one answer a line: answers.py MODULE HOST PORT"""
import datetime
import decimal
import ipaddress
import json
import sys
import uuid

module, host, port = sys.argv[1:4]
three = module == "psycopg"
if three:
    import psycopg as driver
    from psycopg import sql
    from psycopg.rows import dict_row, namedtuple_row
    from psycopg.types import TypeInfo
    from psycopg.types.enum import EnumInfo, register_enum
    from psycopg.types.json import Json, Jsonb
    from psycopg.types.range import Range, RangeInfo
    from psycopg.types.multirange import Multirange, MultirangeInfo
    from psycopg.types.composite import CompositeInfo
else:
    import psycopg2 as driver
    from psycopg2 import extras, sql
    from psycopg2.extras import Json

UTC = datetime.timezone.utc
connection = driver.connect(
    host=host, port=port, user="postgres", dbname="clients", connect_timeout=30, options="-c rqlite.dialect=postgresql -c TimeZone=UTC")
connection.autocommit = True


def plain(value):
    """psycopg2 gives bytea as a memoryview, which shows its address."""
    return bytes(value) if isinstance(value, memoryview) else [plain(v) for v in value] if isinstance(value, list) else value


def show(name, *values):
    values = [plain(value) for value in values]
    print(f"{name}: " + " | ".join(f"{type(value).__name__} {value!r}" for value in values))


def query(text, values=None, **more):
    with connection.cursor(**more) as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def attempt(name, action):
    try:
        show(name, action())
    except Exception as error:
        code = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
        print(f"{name}: {type(error).__name__} {code} {str(error).splitlines()[0] if code else error}")


VALUES = {
    "boolean": True,
    "smallint": 12,
    "integer": -70000,
    "bigint": 2**40,
    "numeric": decimal.Decimal("12345678901234567890.123"),
    "real": 1.5,
    "double precision": 1e-300,
    "text": "zwölf 'Boxer' \\ jagen",
    "varchar": "short",
    "bpchar": "fixed",
    "name": "a_name",
    "bytea": b"\x00\x01\xff\\'",
    "date": datetime.date(2024, 2, 29),
    "time": datetime.time(23, 59, 58, 123456),
    "timetz": datetime.time(1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
    "timestamp": datetime.datetime(1999, 12, 31, 23, 59, 59, 999999),
    "timestamptz": datetime.datetime(2024, 7, 1, 12, 0, tzinfo=UTC),
    "interval": datetime.timedelta(days=3, hours=4, microseconds=5),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "json": {"a": [1, 2.5, None]},
    "jsonb": {"b": {"c": "d"}},
    "inet": ipaddress.ip_interface("192.168.0.1/24"),
    "cidr": ipaddress.ip_network("10.0.0.0/8"),
    "integer[]": [1, 2, 3],
    "bigint[]": [[1, 2], [3, 2**40]],
    "text[]": ["a", None, 'q"u,o{te}', ""],
    "boolean[]": [True, False, None],
    "numeric[]": [decimal.Decimal("1.10"), decimal.Decimal("-2")],
    "double precision[]": [0.5, float("inf")],
    "date[]": [datetime.date(2024, 1, 1), None],
    "timestamptz[]": [datetime.datetime(2024, 1, 1, tzinfo=UTC)],
    "uuid[]": [uuid.UUID(int=7)],
    "bytea[]": [b"\x01", b"\xfe\x00"],
}
if not three:
    extras.register_uuid()
    extras.register_ipaddress()


def adapt(name, value):
    return (Jsonb(value) if three and name == "jsonb" else Json(value)) if name.startswith("json") else value


query("drop table if exists adapted")
query("create table adapted (id integer generated always as identity primary key, " + ", ".join(f'"{n}" {n}' for n in VALUES) + ")")
for name, value in VALUES.items():
    attempt(f"select {name}", lambda: query(f"select %s::{name}", (adapt(name, value),))[0][0])
    attempt(f"insert {name}", lambda: query(
        f'insert into adapted ("{name}") values (%s) returning "{name}"', (adapt(name, value),))[0][0])
    attempt(f"null {name}", lambda: query(f"select %s::{name}", (None,))[0][0])
    attempt(f"equal {name}", lambda: query(
        f'select count(*) from adapted where "{name}" = %s::{name}', (adapt(name, value),))[0][0])

attempt("in", lambda: query("select 3 = any(%s)", ([1, 2, 3],))[0][0])
attempt("like", lambda: query("select 'abc' like %s", ("a%",))[0][0])
attempt("untyped", lambda: query("select %s", ("plain",))[0][0])
attempt("two", lambda: query("select %s + %s, %s || %s", (1, 2, "a", "b"))[0])
attempt("named", lambda: query("select %(a)s::int, %(b)s::text, %(a)s::int", {"a": 1, "b": "x"})[0])
attempt("missing", lambda: query("select * from no_such_table"))
attempt("syntax", lambda: query("selec 1"))
attempt("rowcount", lambda: query("update adapted set text = 'all'") > 20)

with connection.cursor() as cursor:
    cursor.execute("select 1 as a, 'x'::varchar(7) as b, 1.5::numeric(8,3) as c, null::timestamptz as d, '{1}'::int[] as e, 'ok'::mood as f")
    for column in cursor.description:
        print("column:", column[0], column[1] if column[1] < 16384 else "own", column[3], column[4], column[5])
    cursor.executemany("insert into adapted (integer) values (%s)", [(i,) for i in range(5)])
    show("executemany", cursor.rowcount)

if three:
    for text in ("mood", "int4", "text", "pair", "no_such", "positive", "customer"):
        info = TypeInfo.fetch(connection, text)
        print("TypeInfo:", text, info and (info.name, info.oid < 16384, info.array_oid > 0, info.delimiter))
    import enum

    class Mood(enum.Enum):
        SAD = "sad"
        OK = "ok"
        HAPPY = "happy"

    info = EnumInfo.fetch(connection, "mood")
    print("EnumInfo:", info.labels)
    register_enum(info, connection, Mood, mapping={Mood.SAD: "sad", Mood.OK: "ok", Mood.HAPPY: "happy"})
    attempt("enum", lambda: query("select %s, %t, %b", (Mood.OK, Mood.SAD, Mood.HAPPY))[0])
    attempt("enum list", lambda: query("select %s", ([Mood.OK, Mood.SAD],))[0])
    print("RangeInfo:", RangeInfo.fetch(connection, "int4range").subtype_oid, RangeInfo.fetch(connection, "no_such"))
    print("MultirangeInfo:", MultirangeInfo.fetch(connection, "int4multirange").range_oid)
    info = CompositeInfo.fetch(connection, "customer")
    print("CompositeInfo:", info and (info.field_names, [oid if oid < 16384 else "own" for oid in info.field_types]))
    attempt("range", lambda: query("select %s::int4range, %s::tstzrange", (Range(1, 5), Range(datetime.datetime(2024, 1, 1, tzinfo=UTC), None)))[0])
    attempt("multirange", lambda: query("select %s::int4multirange", (Multirange([Range(1, 5), Range(7, 9)]),))[0])
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            for name, value in VALUES.items():
                attempt(f"{'binary' if binary else 'text'} {name}", lambda: cursor.execute(
                    f"select %{'b' if binary else 't'}::{name}", (adapt(name, value),)).fetchone()[0])
    attempt("dict_row", lambda: query("select 1 as a, 'b' as b", row_factory=dict_row)[0])
    attempt("namedtuple_row", lambda: query("select 1 as a, 'b' as b", row_factory=namedtuple_row)[0])
    with connection.cursor() as cursor:
        for i in range(8):
            cursor.execute("select id from adapted where id = %s", (i,), prepare=True)
        show("prepared", cursor.fetchall())
    attempt("prepared names", lambda: query("select count(*) > 0 from pg_prepared_statements")[0])
    with connection.pipeline(), connection.cursor() as cursor:
        cursor.execute("insert into adapted (integer) values (%s) returning integer", (77,))
        cursor.execute("select count(*) from adapted where integer = %s", (77,))
        show("pipeline", cursor.fetchall())
    connection.autocommit = False
    with connection.cursor() as cursor:
        with cursor.copy("copy (select integer, text from adapted where integer in (1, 2, 77) order by 1) to stdout") as copy:
            attempt("copy out", lambda: b"".join(copy))
    connection.commit()
    connection.autocommit = True
    attempt("psycopg.sql", lambda: query(sql.SQL("select {} from {} where {} = {}").format(
        sql.Identifier("integer"), sql.Identifier("public", "adapted"), sql.Identifier("integer"), sql.Literal(77))))
    attempt("diag", lambda: query("insert into customer (name) values (null)"))
    try:
        query("insert into customer (name) values (null)")
    except driver.Error as error:
        diag = error.diag
        print("diag:", diag.severity, diag.sqlstate, diag.message_primary, diag.schema_name, diag.table_name, diag.column_name, diag.constraint_name)
    show("info", connection.info.transaction_status.name, connection.info.dbname, connection.info.encoding, connection.info.timezone)
else:
    print("status:", connection.encoding, connection.status, connection.get_parameter_status("standard_conforming_strings"))
    attempt("values", lambda: extras.execute_values(
        connection.cursor(), "insert into adapted (integer, text) values %s returning integer", [(i, str(i)) for i in range(50, 55)], fetch=True))
    with connection.cursor() as cursor:
        extras.execute_batch(cursor, "update adapted set text = %s where integer = %s", [("x", 50), ("y", 51)])
    attempt("mogrify", lambda: connection.cursor().mogrify("select %s, %s", (datetime.date(2024, 1, 1), [1, 2])))
    attempt("dict cursor", lambda: dict(query("select 1 as a, 'b' as b", cursor_factory=extras.RealDictCursor)[0]))
    attempt("named tuple", lambda: query("select 1 as a, 'b' as b", cursor_factory=extras.NamedTupleCursor)[0])
    attempt("composite", lambda: (lambda c: (c.name, c.attnames, c.schema))(extras.register_composite("pair", connection)))
    attempt("hstore", lambda: extras.register_hstore(connection))
    attempt("range", lambda: query("select %s, %s::daterange", (extras.NumericRange(1, 5), extras.DateRange(datetime.date(2024, 1, 1))))[0])
    attempt("inet", lambda: query("select '10.1.2.3'::inet")[0][0])
    attempt("in tuple", lambda: query("select 2 in %s", ((1, 2, 3),))[0][0])
    attempt("composed", lambda: query(sql.SQL("select {} from {} where {} = {}").format(
        sql.Identifier("integer"), sql.Identifier("public", "adapted"), sql.Identifier("integer"), sql.Literal(52))))
    import io
    out = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert("copy (select integer, text from adapted where integer in (50, 51) order by 1) to stdout with csv header", out)
    print("copy:", out.getvalue())
    try:
        query("insert into customer (name) values (null)")
    except driver.Error as error:
        diag = error.diag
        print("diag:", diag.severity, diag.sqlstate, diag.message_primary, diag.schema_name, diag.table_name, diag.column_name, diag.constraint_name)
query("drop table adapted")
connection.close()
