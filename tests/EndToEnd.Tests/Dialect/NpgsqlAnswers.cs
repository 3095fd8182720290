using System.Collections;
using System.Data;
using System.Globalization;
using System.Net;
using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Rqlite.Pg.EndToEnd.Tests.Dialect;

/// <summary>What Npgsql with its default settings reads back, sends and looks up, one answer a line.</summary>
internal sealed class NpgsqlAnswers(string connectionString)
{
    private static readonly (string Type, object Value)[] s_values =
    [
        ("boolean", true), ("smallint", (short)-5), ("integer", 70000), ("bigint", 1L << 40), ("numeric", 12345678901234567890.123m), ("real", 1.5f),
        ("double precision", 1e-300), ("text", "zwölf 'Boxer' \\ jagen"), ("varchar", "v"), ("bpchar", "c"), ("name", "a_name"), ("\"char\"", 'x'),
        ("bytea", new byte[] { 0, 1, 255 }), ("date", new DateOnly(2024, 2, 29)), ("time", new TimeOnly(23, 59, 58, 123)),
        ("timetz", new DateTimeOffset(1, 1, 2, 1, 2, 3, TimeSpan.FromHours(2))), ("timestamp", new DateTime(1999, 12, 31, 23, 59, 59)),
        ("timestamptz", new DateTime(2024, 7, 1, 12, 0, 0, DateTimeKind.Utc)), ("interval", new TimeSpan(3, 4, 5, 6)),
        ("uuid", Guid.Parse("12345678-1234-5678-1234-567812345678")), ("inet", IPAddress.Parse("10.1.2.3")), ("cidr", IPNetwork.Parse("10.0.0.0/8")),
        ("macaddr", System.Net.NetworkInformation.PhysicalAddress.Parse("08002B010203")), ("bit(5)", new BitArray([true, false, true, true, false])),
        ("varbit", new BitArray([true, false])), ("int4range", new NpgsqlRange<int>(1, true, 5, false)), ("oid", 4_000_000_000u),
        ("int4multirange", new[] { new NpgsqlRange<int>(1, true, 5, false), new NpgsqlRange<int>(7, true, 9, false) }),
        ("daterange", new NpgsqlRange<DateOnly>(new DateOnly(2024, 1, 1), true, new DateOnly(2024, 2, 1), false)),
        ("integer[]", new[] { 1, 2, 3 }), ("integer[]", new int?[] { 1, null }), ("bigint[]", new[,] { { 1L, 2L }, { 3L, 4L } }),
        ("text[]", new[] { "a,b", "c\"d", "", "e\\f" }), ("boolean[]", new[] { true, false }), ("numeric[]", new[] { 1.10m, -2m }),
        ("double precision[]", new[] { 0.5, double.PositiveInfinity }), ("date[]", new[] { new DateOnly(2024, 1, 1) }),
        ("timestamptz[]", new[] { new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc) }), ("uuid[]", new[] { Guid.Empty }),
        ("bytea[]", new[] { new byte[] { 1 }, [254, 0] }), ("mood", Mood.Happy), ("mood[]", new[] { Mood.Ok, Mood.Sad }),
    ];

    private readonly StringBuilder _answers = new();

    private enum Mood
    {
        Sad,
        Ok,
        Happy,
    }

    public async Task<string> AskAsync()
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.MapEnum<Mood>("mood");
        await using var source = builder.Build();
        await using var connection = await source.OpenConnectionAsync();
        await ValuesAsync(connection);
        await TextsAsync(connection);
        await StatementsAsync(connection);
        await ColumnsAsync(connection);
        await SchemasAsync(connection);
        await ErrorsAsync(connection);
        return _answers.ToString();
    }

    private static string Shown(object? value) => value switch
    {
        null or DBNull => "null",
        bool b => b ? "true" : "false",
        byte[] b => Convert.ToHexString(b),
        BitArray bits => string.Concat(bits.Cast<bool>().Select(bit => bit ? '1' : '0')),
        string s => s,
        DateTime d => $"{d:O}",
        DateTimeOffset d => $"{d:O}",
        DateOnly d => $"{d:O}",
        TimeOnly t => $"{t:O}",
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Shown))}]",
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private async Task ValuesAsync(NpgsqlConnection connection)
    {
        await RunAsync(connection, "create table sent (id int generated always as identity, " + string.Join(", ", s_values.Select((v, i) => $"c{i} {v.Type}")) + ")");
        for (var i = 0; i < s_values.Length; i++)
        {
            var (type, value) = s_values[i];
            await AttemptAsync($"select {type}", async () =>
            {
                await using var command = new NpgsqlCommand($"select $1, $1::{type}, null::{type}", connection) { Parameters = { Parameter(type, value) } };
                await using var reader = await command.ExecuteReaderAsync();
                await reader.ReadAsync();
                return $"{reader.GetDataTypeName(0)} {Shown(reader[0])} | {reader.GetDataTypeName(1)} {reader[1].GetType().Name} {Shown(reader[1])} | {Shown(reader[2])}";
            });
            await AttemptAsync($"insert {type}", async () =>
            {
                await using var command = new NpgsqlCommand($"insert into sent (c{i}) values ($1) returning c{i}", connection) { Parameters = { Parameter(type, value) } };
                await command.PrepareAsync();
                return Shown(await command.ExecuteScalarAsync());
            });
        }

        await RunAsync(connection, "drop table sent");
    }

    private static NpgsqlParameter Parameter(string type, object value) => type switch
    {
        "varchar" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Varchar },
        "bpchar" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Char },
        "name" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Name },
        "\"char\"" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.InternalChar },
        "timetz" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.TimeTz },
        "oid" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Oid },
        "bit(5)" => new() { Value = value, NpgsqlDbType = NpgsqlDbType.Bit },
        _ => new() { Value = value },
    };

    private async Task TextsAsync(NpgsqlConnection connection)
    {
        foreach (var (type, text) in new[]
        {
            ("json", "{\"a\": 1}"), ("jsonb", "{\"a\": 1}"), ("xid8", "7"), ("tid", "(1,2)"), ("regclass", "customer"), ("regtype", "int4"),
            ("interval", "1 mon"), ("positive", "3"), ("shop.code", "abc"), ("pg_lsn", "1/2"), ("oidvector", "1 2"), ("jsonb[]", "{\"1\"}"), ("customer", null),
        })
        {
            await AttemptAsync($"read {type}", async () =>
            {
                await using var command = new NpgsqlCommand($"select {(text is null ? "null" : $"'{text}'")}::{type}", connection);
                await using var reader = await command.ExecuteReaderAsync();
                await reader.ReadAsync();
                return $"{reader.GetDataTypeName(0)} {Shown(type is "regclass" ? reader[0] is uint : type is "interval" ? reader.GetFieldValue<NpgsqlInterval>(0).Months : reader[0])}";
            });
        }
    }

    private async Task StatementsAsync(NpgsqlConnection connection)
    {
        await RunAsync(connection, "create table kept (id int generated by default as identity primary key, name text, n numeric)");
        await AttemptAsync("batch", async () =>
        {
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new("insert into kept (name) values ($1)") { Parameters = { new() { Value = "one" } } },
                    new("insert into kept (name, n) values ($1, $2) returning id") { Parameters = { new() { Value = "two" }, new() { Value = 2.5m } } },
                    new("select count(*) from kept"),
                },
            };
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.ReadAsync();
            var id = reader.GetInt32(0);
            await reader.NextResultAsync();
            await reader.ReadAsync();
            return $"{id} {reader.GetInt64(0)} {reader.RecordsAffected}";
        });
        await AttemptAsync("several statements", async () =>
        {
            await using var command = new NpgsqlCommand("insert into kept (name) values (@a); select name from kept where name = @a", connection)
            {
                Parameters = { new("a", "three") },
            };
            return Shown(await command.ExecuteScalarAsync());
        });
        await AttemptAsync("rollback", async () =>
        {
            await using (var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable))
            {
                await RunAsync(connection, "delete from kept");
                await transaction.SaveAsync("here");
                await RunAsync(connection, "insert into kept (name) values ('x')");
                await transaction.RollbackAsync("here");
                await transaction.RollbackAsync();
            }

            return Shown(await ScalarAsync(connection, "select count(*) from kept"));
        });
        await AttemptAsync("prepared", async () =>
        {
            await using var command = new NpgsqlCommand("select name from kept where id = $1", connection) { Parameters = { new NpgsqlParameter<int>() } };
            await command.PrepareAsync();
            var names = new List<string>();
            for (var i = 1; i <= 4; i++)
            {
                ((NpgsqlParameter<int>)command.Parameters[0]).TypedValue = i;
                names.Add(Shown(await command.ExecuteScalarAsync()));
            }

            return string.Join(' ', names);
        });
        await AttemptAsync("derived parameters", async () =>
        {
            await using var command = new NpgsqlCommand("update kept set name = @a, n = @b where id = @c", connection);
            NpgsqlCommandBuilder.DeriveParameters(command);
            return await Task.FromResult(string.Join(' ', command.Parameters.Select(p => p.DataTypeName)));
        });
        await AttemptAsync("adapter", async () =>
        {
            using var adapter = new NpgsqlDataAdapter("select id, name, n from kept order by id", connection);
            using var commands = new NpgsqlCommandBuilder(adapter);
            using var table = new DataTable();
            adapter.Fill(table);
            table.Rows[0]["n"] = 7.5m;
            table.Rows.Add(20, "added", DBNull.Value);
            table.Rows[1].Delete();
            adapter.Update(table);
            return Shown(await ScalarAsync(connection, "select string_agg(concat_ws(':', id, name, n), ' ' order by id) from kept"));
        });
        await AttemptAsync("copy out", async () =>
        {
            using var copy = await connection.BeginTextExportAsync("copy (select id, name from kept order by id) to stdout");
            return (await copy.ReadToEndAsync()).Replace("\n", "; ", StringComparison.Ordinal);
        });
        await RunAsync(connection, "drop table kept");
    }

    private async Task ColumnsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select c.*, p.id as other, p.taxed, 1 + 1 as two from customer c, product p", connection);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SchemaOnly | CommandBehavior.KeyInfo);
        foreach (var column in await reader.GetColumnSchemaAsync())
        {
            _answers.AppendLine(CultureInfo.InvariantCulture, $"column {column.ColumnName}: {column.BaseSchemaName}.{column.BaseTableName}.{column.BaseColumnName} {column.DataTypeName} "
                + $"{column.DataType?.Name} {column.ColumnSize} {column.NumericPrecision} {column.NumericScale} key={column.IsKey} unique={column.IsUnique} null={column.AllowDBNull} "
                + $"auto={column.IsAutoIncrement} identity={column.IsIdentity} readonly={column.IsReadOnly}");
        }
    }

    private async Task SchemasAsync(NpgsqlConnection connection)
    {
        foreach (DataRow collection in (await connection.GetSchemaAsync()).Rows)
        {
            var name = (string)collection[0];
            await AttemptAsync($"schema {name}", async () =>
            {
                using var table = await connection.GetSchemaAsync(name);
                var rows = table.Rows.Cast<DataRow>().Select(row => string.Join(' ', table.Columns.Cast<DataColumn>()
                    .Where(column => row[column] is not DBNull).Select(column => $"{column.ColumnName}={Shown(row[column])}")));
                return name is "DataTypes" or "ReservedWords" or "DataSourceInformation"
                    ? Shown(table.Rows.Count > 0)
                    : "\n  " + string.Join("\n  ", rows.Where(row => !row.Contains("=pg_catalog", StringComparison.Ordinal)
                        && !row.Contains("=information_schema", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
            });
        }
    }

    private async Task ErrorsAsync(NpgsqlConnection connection)
    {
        foreach (var sql in new[]
        {
            "select nothing", "insert into customer (name) values (null)", "insert into customer (name, age) values ('x', 300)",
            "insert into customer (name, feeling) values ('x', 'bad')", "select 1/0",
        })
        {
            await AttemptAsync(sql, async () => Shown(await ScalarAsync(connection, sql)));
        }
    }

    private async Task AttemptAsync(string name, Func<Task<string>> action)
    {
        string answer;
        try
        {
            answer = await action();
        }
        catch (PostgresException e)
        {
            answer = string.Join(' ', new[] { e.SqlState, e.MessageText, e.TableName, e.ColumnName, e.ConstraintName, e.DataTypeName }.Where(part => part is not null));
        }
        catch (Exception e) when (e is InvalidCastException or InvalidOperationException or NotSupportedException or ArgumentException or NpgsqlException)
        {
            answer = $"{e.GetType().Name} {e.Message.Split('\n')[0]}";
        }

        _answers.AppendLine(CultureInfo.InvariantCulture, $"{name}: {answer}");
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private static Task<object?> RunAsync(NpgsqlConnection connection, string sql) => ScalarAsync(connection, sql);
}
