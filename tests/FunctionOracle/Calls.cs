using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.FunctionOracle;

/// <summary>The queries that call functions on PostgreSQL.</summary>
internal static class Calls
{
    public static string Sql(FunctionCase item)
    {
        var function = item.Function;
        return function.Kind != 'f' ? Aggregate(item)
            : function.ReturnsSet ? $"SELECT t.* FROM {Call(function, item.Types)} AS t"
            : $"SELECT {Call(function, item.Types)}";
    }

    private static string Name(PgFunction function) => $"pg_catalog.\"{function.Name}\"";

    private static string Call(PgFunction function, uint[] types)
    {
        var arguments = types.Select((type, i) => Parameter(i, type)).ToArray();
        if (function.VariadicType is not 0 and not PgTypes.Any)
        {
            arguments[^1] = "VARIADIC " + arguments[^1];
        }

        return $"{Name(function)}({string.Join(", ", arguments)})";
    }

    private static string Aggregate(FunctionCase item)
    {
        var (function, types) = (item.Function, item.Types);
        var aggregate = Builtins.FindAggregate(function.Oid);
        var direct = aggregate is null or { Kind: 'n' } ? 0 : aggregate.DirectArguments;
        var width = types.Length - direct;
        var count = width == 0 ? int.Parse(item.Arguments[^1]!, System.Globalization.CultureInfo.InvariantCulture)
            : (item.Arguments.Length - direct) / width;
        var rows = Enumerable.Range(0, count).Select(row => "(" + string.Join(", ",
            Enumerable.Range(0, width).Select(i => Parameter(direct + (row * width) + i, types[direct + i])).Prepend($"{row}")) + ")");
        var columns = string.Join(", ", Enumerable.Range(0, width).Select(i => "c" + i));
        var names = string.Join(", ", Enumerable.Range(0, width).Select(i => "c" + i).Prepend("n"));
        var empty = string.Join(", ", Enumerable.Range(0, width).Select(i => $"NULL::{TypeName(types[direct + i])}").Prepend("0"));
        var source = count == 0 ? $"(SELECT {empty} LIMIT 0) AS v({names})" : $"(VALUES {string.Join(", ", rows)}) AS v({names})";
        var star = function.Signature == "count()";
        var call = direct > 0 || aggregate is { Kind: not 'n' }
            ? $"{Name(function)}({string.Join(", ", types.Take(direct).Select((type, i) => Parameter(i, type)))}) WITHIN GROUP (ORDER BY {columns})"
            : $"{Name(function)}({(star ? "*" : columns)})";
        var window = item.Settings.Split(';').FirstOrDefault(s => s.StartsWith("window=", StringComparison.Ordinal));
        return window is null ? $"SELECT {call} FROM {source}"
            : $"SELECT {call} OVER ({window["window=".Length..]}) FROM {source} ORDER BY n";
    }

    private static string Parameter(int index, uint type) => $"${index + 1}::{TypeName(type)}";

    /// <summary>The catalog's name, which unlike the standard's has no length of its own.</summary>
    private static string TypeName(uint type) => $"pg_catalog.\"{PgTypes.Find(type)!.Name}\"";
}
