using System.Globalization;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Dialect.Runtime;
using Rqlite.Pg.Dialect.Runtime.Operators;
using Rqlite.Pg.Storage;

namespace Rqlite.Pg.Dialect.Tests.Functions;

/// <summary>The query of SQLite that calls a function as a translated statement would.</summary>
internal static class LoweredCall
{
    /// <summary>The query; null for a function that only the lowering knows how to call, and for a frame that an aggregate cannot move over.</summary>
    public static string? Sql(FunctionRow row, Implementation implementation) => implementation switch
    {
        NativeTemplate native => "SELECT " + Fill(native.Template, row.Types, Parameter),
        RuntimeFunction { Function: var function } => $"SELECT {function.SqliteName}({Arguments(function, row.Types, Parameter)})",
        RuntimeSet set => $"SELECT {string.Join(", ", ColumnsOf(set.Table))} FROM {set.Table.Name}({Arguments(set.Function, row.Types, Parameter)})",
        NativeAggregate native => Aggregate(row, native.Function, column => Fill(native.Template, row.Types, column)),
        RuntimeAggregate { Function: var function } runtime when BodyOf(runtime, row.Window) is { Name: var name } => Aggregate(
            row, function, column => $"{name}({Arguments(function, row.Types, column)}{OrderOf(function, row.Types, column)})"),
        _ => null,
    };

    private static SqlAggregate? BodyOf(RuntimeAggregate aggregate, string? window) =>
        aggregate.Over(frameMoves: window?.Contains("ROWS BETWEEN", StringComparison.Ordinal) == true);

    private static string Parameter(int index) => "?" + (index + 1).ToString(CultureInfo.InvariantCulture);

    private static IEnumerable<string> ColumnsOf(SqlTable table) => table.Columns.Select(c => $"\"{c.Name}\"");

    private static string Fill(string template, uint[] types, Func<int, string> argument)
    {
        for (var i = 0; i < types.Length; i++)
        {
            template = template.Replace($"{{{i}}}", argument(i), StringComparison.Ordinal)
                .Replace($"{{t{i}}}", types[i].ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace($"{{c{i}}}", TypeCollations.Clause(types[i]), StringComparison.Ordinal);
        }

        return template;
    }

    private static string Arguments(PgFunction function, uint[] types, Func<int, string> argument)
    {
        var arguments = types.Select((_, i) => argument(i));
        return string.Join(", ", ArgumentTypes.AreCarriedBy(function) ? arguments.Append($"'{string.Join(' ', types)}'") : arguments);
    }

    private static int DirectOf(PgFunction function) =>
        Builtins.FindAggregate(function.Oid) is { Kind: not 'n' } aggregate ? aggregate.DirectArguments : 0;

    private static string OrderOf(PgFunction function, uint[] types, Func<int, string> column) =>
        Builtins.FindAggregate(function.Oid) is { Kind: not 'n' }
            ? " ORDER BY " + string.Join(", ", Enumerable.Range(DirectOf(function), types.Length - DirectOf(function))
                .Select(i => $"{column(i)} {TypeCollations.Clause(types[i])}"))
            : "";

    private static string Aggregate(FunctionRow row, PgFunction function, Func<Func<int, string>, string> call)
    {
        var direct = DirectOf(function);
        var width = row.Types.Length - direct;
        var count = width == 0 ? int.Parse(row.Arguments[^1]!, CultureInfo.InvariantCulture) : (row.Arguments.Length - direct) / width;
        var rows = Enumerable.Range(0, count).Select(n => "(" + string.Join(", ",
            Enumerable.Range(0, width).Select(i => Parameter(direct + (n * width) + i)).Prepend(n.ToString(CultureInfo.InvariantCulture))) + ")");
        var names = string.Join(", ", Enumerable.Range(0, width).Select(i => $"c{i}").Prepend("n"));
        var empty = string.Join(", ", Enumerable.Repeat("NULL", width + 1));
        var source = count == 0 ? $"SELECT {empty} LIMIT 0" : $"VALUES {string.Join(", ", rows)}";
        var called = call(i => i < direct ? Parameter(i) : $"c{i - direct}");
        return $"WITH v({names}) AS ({source}) SELECT {called}"
            + (row.Window is { } window ? $" OVER ({window}) FROM v ORDER BY n" : " FROM v");
    }
}
