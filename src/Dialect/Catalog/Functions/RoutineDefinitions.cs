using System.Globalization;
using System.Text;
using Rqlite.Pg.Dialect.Data;
using Rqlite.Pg.Types;

namespace Rqlite.Pg.Dialect.Catalog;

/// <summary>The statements that would create built-in functions, as pg_get_functiondef prints them.</summary>
internal static class RoutineDefinitions
{
    private const uint Internal = 12;
    private const uint C = 13;
    private const float RowsUsual = 1000;

    /// <summary>Null for a function in C, whose library is not known.</summary>
    /// <exception cref="TypeException">42809: an aggregate.</exception>
    public static string? Create(PgFunction function)
    {
        var details = FunctionDetails.Of(function.Oid);
        if (function.Kind == 'a')
        {
            throw new TypeException(SqlState.WrongObjectType, $"\"{function.Name}\" is an aggregate function");
        }

        if (details.Language == C)
        {
            return null;
        }

        var language = StaticRows.Of("pg_language").First(row => row.Oid(0) == details.Language).Text(1);
        var text = new StringBuilder("CREATE OR REPLACE ").Append(function.Kind == 'p' ? "PROCEDURE" : "FUNCTION").Append(' ')
            .Append(Identifiers.Qualify(function.Schema, function.Name)).Append('(').Append(RoutineTexts.Arguments(function, defaults: true, output: true)).Append(")\n");
        if (RoutineTexts.Result(function) is { } result)
        {
            text.Append(" RETURNS ").Append(result).Append('\n');
        }

        text.Append(" LANGUAGE ").Append(language).Append('\n').Append(Properties(function, details) is { Length: > 0 } properties ? properties + "\n" : "");
        if (FunctionDetails.BodyOf(function.Oid) is { } body)
        {
            return text.Append(body).Append('\n').ToString();
        }

        var quote = function.Kind == 'p' ? "$procedure" : "$function";
        while (function.Source.Contains(quote, StringComparison.Ordinal))
        {
            quote += "x";
        }

        return text.Append("AS ").Append(quote).Append('$').Append(function.Source).Append(quote).Append("$\n").ToString();
    }

    /// <summary>The attributes that are not the defaults of the function's language, each with a blank before it.</summary>
    private static string Properties(PgFunction function, FunctionDetails details)
    {
        var text = new StringBuilder(function.Kind == 'w' ? " WINDOW" : "");
        text.Append(function.Volatility switch { Volatility.Immutable => " IMMUTABLE", Volatility.Stable => " STABLE", _ => "" })
            .Append(details.Parallel switch { 's' => " PARALLEL SAFE", 'r' => " PARALLEL RESTRICTED", _ => "" })
            .Append(function.Strict ? " STRICT" : "")
            .Append(details.LeakProof ? " LEAKPROOF" : "");
        if (details.Cost != (details.Language == Internal ? 1 : 100))
        {
            text.Append(CultureInfo.InvariantCulture, $" COST {details.Cost}");
        }

        if (details.Rows is > 0 and not RowsUsual)
        {
            text.Append(CultureInfo.InvariantCulture, $" ROWS {details.Rows}");
        }

        if (Builtins.FindFunction(details.Support) is { } support)
        {
            text.Append(" SUPPORT ").Append(support.Name);
        }

        return text.ToString();
    }
}
