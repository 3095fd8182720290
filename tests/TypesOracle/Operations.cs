namespace Rqlite.Pg.TypesOracle;

/// <summary>The questions by name; the tests have a function of the same name for each.</summary>
internal static class Operations
{
    public static Dictionary<string, string> Sql { get; } = Build();

    private static Dictionary<string, string> Build()
    {
        var sql = new Dictionary<string, string>();
        foreach (var type in new[]
        {
            "bool", "int2", "int4", "int8", "oid", "float4", "float8", "numeric", "date", "time", "timetz", "timestamp", "timestamptz", "interval",
            "bytea", "uuid", "text", "name", "bit", "varbit", "json", "jsonb", "inet", "cidr", "macaddr", "macaddr8", "pg_lsn", "tid", "xid",
            "xid8", "\"char\"", "int4[]", "int8[]", "text[]", "numeric[]", "float8[]", "bool[]", "date[]", "timestamp[]", "interval[]", "bytea[]",
            "uuid[]", "jsonb[]", "int2vector", "oidvector", "int4range", "int8range", "numrange", "daterange", "tsrange", "tstzrange",
            "int4multirange", "nummultirange", "datemultirange", "time[]", "varchar[]",
        })
        {
            var name = type.Trim('"');
            var send = name.EndsWith("[]", StringComparison.Ordinal) ? "array" : name switch
            {
                "int4range" or "int8range" or "numrange" or "daterange" or "tsrange" or "tstzrange" => "range",
                "int4multirange" or "nummultirange" or "datemultirange" => "multirange",
                _ => name,
            };
            var separator = send is "timestamp" or "timestamptz" or "interval" or "date" or "time" or "timetz" or "array" or "numeric"
                or "uuid" or "bit" or "varbit" or "json" or "jsonb" or "inet" or "cidr" or "macaddr" or "macaddr8" or "pg_lsn" or "range"
                or "multirange" ? "_" : "";
            sql["parse " + name] = $"SELECT $1::{type}";
            sql["send " + name] = $"SELECT encode({send}{separator}send($1::{type}), 'hex')";
            sql["compare " + name] = $"SELECT CASE WHEN $1::{type} < $2::{type} THEN -1 WHEN $1::{type} > $2::{type} THEN 1 ELSE 0 END";
        }

        sql["numeric modifier"] = "SELECT pg_catalog.numeric($1::numeric, (($2::int4 << 16) | ($3::int4 & 2047)) + 4)";
        foreach (var (name, symbol) in new[] { ("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/"), ("mod", "%"), ("pow", "^") })
        {
            sql["numeric " + name] = $"SELECT $1::numeric {symbol} $2::numeric";
        }

        foreach (var function in new[] { "sqrt", "exp", "ln", "log", "ceil", "floor", "abs", "sign", "trim_scale", "min_scale", "scale", "-" })
        {
            sql["numeric " + (function == "-" ? "neg" : function)] = $"SELECT {function}($1::numeric)";
        }

        foreach (var function in new[] { "div", "gcd", "lcm", "log" })
        {
            sql["numeric " + function + "2"] = $"SELECT {function}($1::numeric, $2::numeric)";
        }

        foreach (var function in new[] { "round", "trunc" })
        {
            sql["numeric " + function] = $"SELECT {function}($1::numeric, $2::int4)";
        }

        foreach (var type in new[] { "int2", "int4", "int8", "float4", "float8" })
        {
            sql["numeric to " + type] = $"SELECT ($1::numeric)::{type}";
            sql[type + " to numeric"] = $"SELECT ($1::{type})::numeric";
            if (type.StartsWith("int", StringComparison.Ordinal))
            {
                sql["float8 to " + type] = $"SELECT ($1::float8)::{type}";
                sql["int8 to " + type] = $"SELECT ($1::int8)::{type}";
            }

            foreach (var (name, symbol) in new[] { ("add", "+"), ("sub", "-"), ("mul", "*"), ("div", "/"), ("mod", "%") })
            {
                if (name != "mod" || type.StartsWith("int", StringComparison.Ordinal))
                {
                    sql[$"{type} {name}"] = $"SELECT $1::{type} {symbol} $2::{type}";
                }
            }
        }

        sql["float8 to float4"] = "SELECT ($1::float8)::float4";
        sql["float4 to float8"] = "SELECT ($1::float4)::float8";
        TimeOperations(sql);
        TextOperations(sql);
        return sql;
    }

    private static void TimeOperations(Dictionary<string, string> sql)
    {
        foreach (var type in new[] { "timestamp", "timestamptz" })
        {
            sql[type + " + interval"] = $"SELECT $1::{type} + $2::interval";
            sql[type + " - interval"] = $"SELECT $1::{type} - $2::interval";
            sql[type + " - " + type] = $"SELECT $1::{type} - $2::{type}";
            sql[type + " age"] = $"SELECT age($1::{type}, $2::{type})";
            sql[type + " bin"] = $"SELECT date_bin($1::interval, $2::{type}, $3::{type})";
            sql[type + " to date"] = $"SELECT $1::{type}::date";
            sql[type + " to time"] = $"SELECT $1::{type}::time";
            sql[type + " at zone"] = $"SELECT $1::{type} AT TIME ZONE $2::text";
        }

        foreach (var type in new[] { "timestamp", "timestamptz", "interval" })
        {
            sql[type + " trunc"] = $"SELECT date_trunc($1::text, $2::{type})";
        }

        foreach (var type in new[] { "timestamp", "timestamptz", "interval", "date", "time", "timetz" })
        {
            // extract() takes the unit as a word; the function behind it takes a text.
            sql[type + " extract"] = $"SELECT pg_catalog.extract($1::text, $2::{type})";
            sql[type + " part"] = $"SELECT date_part($1::text, $2::{type})";
        }

        foreach (var type in new[] { "timestamp", "timestamptz", "time", "timetz" })
        {
            for (var precision = 0; precision <= 6; precision++)
            {
                var name = type.EndsWith("tz", StringComparison.Ordinal) ? $"{type[..^2]}({precision}) with time zone" : $"{type}({precision})";
                sql[$"{type}({precision})"] = $"SELECT $1::{name}";
            }
        }

        foreach (var fields in new[]
        {
            "year", "month", "day", "hour", "minute", "second", "year to month", "day to hour", "day to minute", "day to second", "hour to minute",
            "hour to second", "minute to second", "second(2)", "day to second(3)",
        })
        {
            sql["interval " + fields] = $"SELECT interval {{0}} {fields}";
        }

        sql["interval(0)"] = "SELECT interval(0) {0}";
        sql["interval(3)"] = "SELECT interval(3) {0}";
        sql["interval add"] = "SELECT $1::interval + $2::interval";
        sql["interval sub"] = "SELECT $1::interval - $2::interval";
        sql["interval neg"] = "SELECT -($1::interval)";
        sql["interval mul"] = "SELECT $1::interval * $2::float8";
        sql["interval div"] = "SELECT $1::interval / $2::float8";
        sql["interval justify"] = "SELECT justify_interval($1::interval)";
        sql["interval justify hours"] = "SELECT justify_hours($1::interval)";
        sql["interval justify days"] = "SELECT justify_days($1::interval)";
        sql["date + int"] = "SELECT $1::date + $2::int4";
        sql["date - date"] = "SELECT $1::date - $2::date";
        sql["date + interval"] = "SELECT $1::date + $2::interval";
        sql["date to timestamptz"] = "SELECT $1::date::timestamptz";
        sql["time + interval"] = "SELECT $1::time + $2::interval";
        sql["time - time"] = "SELECT $1::time - $2::time";
        sql["timetz + interval"] = "SELECT $1::timetz + $2::interval";
        sql["timetz at zone"] = "SELECT $1::timetz AT TIME ZONE $2::interval";
    }

    private static void TextOperations(Dictionary<string, string> sql)
    {
        foreach (var type in new[] { "varchar", "bpchar", "bit", "varbit" })
        {
            foreach (var length in new[] { 1, 3, 5, 10 })
            {
                var modifier = type.EndsWith("bit", StringComparison.Ordinal) ? length : length + 4;
                sql[$"assign {type}({length})"] = $"SELECT pg_catalog.\"{type}\"($1::\"{type}\", {modifier}, false)";
                sql[$"cast {type}({length})"] = $"SELECT pg_catalog.\"{type}\"($1::\"{type}\", {modifier}, true)";
            }
        }

        sql["format_type"] = "SELECT format_type($1::oid, $2::int4)";
    }
}
